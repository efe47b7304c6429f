// An operation that is not generic: an event with its input, its right and its handler.
import type { Call, Payload } from './call.ts'
import type { AnySchema, Infer } from './schema.ts'

/**
 * Who may call: anyone; anyone with a session; who holds a key everywhere.
 * `anywhere`: a grant within some scope will do; the handler decides for which.
 */
export type Access = 'public' | 'session' | { readonly key: string; readonly anywhere?: true }

export interface OperationDefinition<S extends AnySchema = AnySchema, P = unknown> {
  readonly event: string
  /** A mutation runs in a transaction; a query does not. */
  readonly kind: 'query' | 'mutation'
  readonly access: Access
  readonly input: S
  /** Its reply hands out a secret: it is never kept for a repeated request. */
  readonly secret?: boolean
  /** It acts on the row `input.id` of a resource: loaded as `call.before`, locked in mutations, and allowed by the key on that row. */
  readonly row?: { readonly resource: string; readonly key: string }
  /** Slow work that needs no transaction, such as hashing: done before it begins. */
  prepare?(call: Call<Infer<S>>): Promise<P>
  handle(call: Call<Infer<S>>, prepared: P): Promise<Payload>
}

/** Any operation, whatever its types. */
export interface AnyOperation extends Pick<OperationDefinition, 'event' | 'kind' | 'access' | 'input' | 'row' | 'secret'> {
  prepare?(call: Call): Promise<unknown>
  handle(call: Call, prepared: never): Promise<Payload>
}

/** Declares an operation; its type of input comes from the schema. */
export const operation = <S extends AnySchema, P = undefined>(definition: OperationDefinition<S, P>): OperationDefinition<S, P> => Object.freeze(definition)
