// A plugin whose hooks and operations do what a test tells them to, at each moment of a call.
import { object, string } from 'yup'
import { definePlugin, json, operation, type Call, type Payload } from '../../core/define/index.ts'
import type { AnyApp } from '../kit/server.ts'
import { roomApp } from '../support/room/app.ts'

/** The moments at which a plugin's code runs. */
export const moments = ['around', 'prepare', 'before', 'handle', 'after', 'committed', 'task'] as const
export type ProbeMoment = (typeof moments)[number]

type Act = (call: Call, output?: Payload) => unknown

/** What happens at each moment of the next call; empty: nothing. */
export const acts: Partial<Record<ProbeMoment, Act>> = {}

/** Every moment that the probe has seen since it was last emptied. */
export const seen: string[] = []

/** Instead of `next()` once. */
export const around: { instead: ((next: () => Promise<Payload>) => Promise<Payload>) | undefined } = { instead: undefined }

export const reset = (): void => {
  for (const moment of moments) delete acts[moment]
  seen.length = 0
  around.instead = undefined
}

const at = async (moment: ProbeMoment, call: Call, output?: Payload): Promise<unknown> => {
  seen.push(moment)
  return acts[moment]?.(call, output)
}

const input = object({ id: string().max(64), note: string().max(200) })

const asCall = (call: unknown): Call => call as Call

const probed = operation({
  event: 'probe-run',
  kind: 'mutation',
  access: 'session',
  input,
  output: json(8192).required(),
  prepare: async (call) => void (await at('prepare', asCall(call))),
  handle: async (call) => {
    call.afterCommit(async () => void (await at('task', asCall(call))))
    return ((await at('handle', asCall(call))) as Payload | undefined) ?? { done: true }
  },
})

/** As `probe-run`, outside of any transaction. */
const asked = operation({
  event: 'probe-ask',
  kind: 'query',
  access: 'session',
  input,
  output: json(8192).required(),
  handle: async (call) => ((await at('handle', asCall(call))) as Payload | undefined) ?? { done: true },
})

export const probe = definePlugin({
  name: 'probe',
  setup: () => ({
    operations: [probed, asked],
    hooks: ['probe-run', 'probe-ask', 'room-update'].map((on) => ({
      on,
      around: async (call: Call, next: () => Promise<Payload>) => {
        await at('around', call)
        return around.instead ? around.instead(next) : next()
      },
      before: async (call: Call) => (await at('before', call)) as Payload | undefined,
      after: async (call: Call, output: Payload) => (await at('after', call, output)) as Payload | undefined,
      committed: async (call: Call, output: Payload) => void (await at('committed', call, output)),
    })),
  }),
})

export const probedApp: AnyApp = { ...roomApp, plugins: [...roomApp.plugins, probe] }
