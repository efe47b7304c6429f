// The steps of a call from `around` to `project`, in the order of `lifecycle`.
import type { Call, AnyHook, Payload } from '../define/call.ts'
import type { EngineCall, Operation } from './operation.ts'

/** Runs the middle of a call in its transaction (or none); it is given the call bound to it. */
export type Within = (work: (call: EngineCall) => Promise<Payload>) => Promise<Payload>

// Hooks of one operation were checked against its input by their own definition; here all are alike.
const asHookCall = (call: EngineCall): Call => call

const isPayload = (value: unknown): value is Payload => typeof value === 'object' && value !== null

const middle = async (operation: Operation, call: EngineCall): Promise<Payload> => {
  const { stages, hooks } = operation
  await stages.load?.(call)
  if (!call.system) await stages.authorise(call)
  let changed = false
  for (const { hook } of hooks) {
    const input = await hook.before?.(asHookCall(call))
    if (isPayload(input)) {
      call.input = input
      changed = true
    }
  }
  if (changed) call.input = stages.parse(call.input)
  await stages.candidate?.(call)
  let output = await stages.handle(call)
  for (const check of call.onceWritten) await check()
  for (const { hook } of hooks) {
    const replaced = await hook.after?.(asHookCall(call), output)
    if (isPayload(replaced)) output = replaced
  }
  const final = output
  for (const { hook } of hooks) {
    if (hook.committed) call.afterCommit(() => hook.committed?.(asHookCall(call), final))
  }
  return stages.project ? stages.project(call, output) : output
}

const wrap = (hooks: readonly { owner: string; hook: AnyHook }[], call: EngineCall, core: () => Promise<Payload>): Promise<Payload> => {
  const run = async (index: number): Promise<Payload> => {
    const entry = hooks[index]
    if (!entry) return core()
    if (!entry.hook.around) return run(index + 1)
    let called = false
    return entry.hook.around(asHookCall(call), () => {
      if (called) throw new Error(`The hook of "${entry.owner}" on "${call.operation}" called next() twice`)
      called = true
      return run(index + 1)
    })
  }
  return run(0)
}

/** Runs a call and gives what the actor may read of its output. */
export const runSteps = (operation: Operation, call: EngineCall, within: Within): Promise<Payload> =>
  wrap(operation.hooks, call, async () => {
    const { stages } = operation
    call.input = stages.parse(stages.normalise?.(call.input) ?? call.input)
    const prepared = await stages.prepare?.(call)
    return within((inner) => {
      inner.prepared = prepared
      return middle(operation, inner)
    })
  })
