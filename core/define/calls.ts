// Calls of operations that are typed by the definitions and plugins that they lead to. A plugin's own types must not depend on the app
// that it is part of; so it names those of its parts that it knows.
import type { Call, Payload } from './call.ts'
import type { ContractOf } from './contract.ts'
import type { AnyPlugin } from './plugin.ts'
import type { AnyResource } from './resource.ts'
import type { Contract, EventOf, PayloadOf, ReplyOf } from './wire.ts'

interface As {
  /** In whose rights: of who called, or without asking for any. */
  readonly as: 'actor' | 'system'
}

/** Any call, whatever its input. */
type Calling = Pick<Call, 'call'>

/** No field but those of the payload of an event. */
type Exactly<P, Wanted> = P & { readonly [K in Exclude<keyof P, keyof Wanted>]: never }

/** `call.call` of the events of a contract. Its reply follows `include`, as a client's does. */
export type CallsOf<C extends Contract> = <E extends EventOf<C>, const P extends PayloadOf<C, E>>(
  call: Calling, event: E, payload: Exactly<P, PayloadOf<C, E>>, as: As,
) => Promise<ReplyOf<C, E, P>>

/**
 * `const fleet = callsOf({ resources: [vehicle, driver] })`, and then in hooks and handlers
 * `await fleet(call, 'vehicle-get', { id }, { as: 'actor' })`: `call.call` with the payload and the reply of the event. Name what its
 * relations lead to as well, where the reply is to embed it; and the plugins whose events are called, or that extend what is named.
 * @throws AppError as the operation would answer it
 */
export const callsOf = <const D extends readonly AnyResource[], const P extends readonly AnyPlugin[] = readonly []>(
  _parts: { readonly resources: D; readonly plugins?: P },
): CallsOf<ContractOf<{ readonly resources: D; readonly plugins: P }>> =>
  ((call: Calling, event: string, payload: Payload, as: As) => call.call(event, payload, as)) as
    CallsOf<ContractOf<{ readonly resources: D; readonly plugins: P }>>
