// The order of a call between admission and reply, with the hooks at their moments. The order itself is `lifecycle`.
import type { AnyHook, Call, Payload } from '../define/call.ts'
import type { EngineCall, Operation, OwnedHook } from './operation.ts'

// Hooks of one operation were checked against its input by their own definition; here all are alike.
const asHookCall = (call: EngineCall): Call => call

const isPayload = (value: unknown): value is Payload => typeof value === 'object' && value !== null

const around = (hooks: readonly OwnedHook[], call: EngineCall, core: () => Promise<Payload>): Promise<Payload> => {
  const run = async (index: number): Promise<Payload> => {
    const entry = hooks[index]
    if (!entry) return core()
    if (!entry.hook.around) return run(index + 1)
    let called = false
    return entry.hook.around(asHookCall(call), () => {
      if (called) throw new Error(`The hook of "${entry.owner}" on "${call.operation.event}" called next() twice`)
      called = true
      return run(index + 1)
    })
  }
  return run(0)
}

const after = (hooks: readonly OwnedHook[], call: EngineCall) => async (written: Payload): Promise<Payload> => {
  let output = written
  for (const { hook } of hooks) {
    const replaced = await hook.after?.(asHookCall(call), output)
    if (isPayload(replaced)) output = replaced
  }
  const final = output
  const committed = (hook: AnyHook) => () => hook.committed?.(asHookCall(call), final)
  for (const { hook } of hooks) if (hook.committed) call.afterCommit(committed(hook))
  return output
}

const before = ({ hooks, steps }: Operation, call: EngineCall) => async (): Promise<void> => {
  let changed = false
  for (const { hook } of hooks) {
    const input = await hook.before?.(asHookCall(call))
    if (!isPayload(input)) continue
    call.input = input
    changed = true
  }
  if (!changed) return
  call.enter('reparse')
  call.input = steps.parse(call.input)
}

/** From `load` to `project`, where the call stands at the moment. */
export const perform = (operation: Operation, call: EngineCall): Promise<Payload> =>
  operation.steps.perform(call, before(operation, call), after(operation.hooks, call))

const prepare = async (operation: Operation, call: EngineCall): Promise<void> => {
  call.enter('parse')
  call.input = operation.steps.parse(call.input)
  call.enter('prepare')
  await operation.steps.prepare?.(call)
  for (const { hook } of operation.hooks) await hook.prepare?.(asHookCall(call))
}

/** A call in two parts: what needs no transaction, and what it answers, the rest. */
export const prepareCall = async (operation: Operation, call: EngineCall): Promise<() => Promise<Payload>> => {
  await prepare(operation, call)
  return () => around(operation.hooks, call, () => perform(operation, call))
}

/** Runs a call; `within` runs its work in a transaction, and is given what to run. */
export const runCall = (
  operation: Operation, call: EngineCall, within: () => Promise<Payload> = () => perform(operation, call),
): Promise<Payload> =>
  around(operation.hooks, call, async () => {
    await prepare(operation, call)
    return within()
  })

/** Whether it does something before its transaction begins. */
export const prepares = ({ steps, hooks }: Operation): boolean =>
  steps.prepare !== undefined || hooks.some(({ hook }) => hook.prepare !== undefined)
