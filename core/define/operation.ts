// An operation that is not generic: an event with its input, its right and its handler.
import type { Call, Payload } from './call.ts'
import type { AnySchema, Infer } from './schema.ts'

/** Who may call: anybody; anybody with a session; a holder of a key. */
export type Access = 'public' | 'session' | { readonly key: string }

export interface OperationDefinition<S extends AnySchema = AnySchema> {
  readonly event: string
  /** A mutation runs in a transaction; a query does not. */
  readonly kind: 'query' | 'mutation'
  readonly access: Access
  readonly input: S
  handle(call: Call<Infer<S>>): Promise<Payload>
}

/** Any operation, whatever its types. */
export interface AnyOperation extends Pick<OperationDefinition, 'event' | 'kind' | 'access' | 'input'> {
  handle(call: Call): Promise<Payload>
}

/** Declares an operation; its type of input comes from the schema. */
export const operation = <S extends AnySchema>(definition: OperationDefinition<S>): OperationDefinition<S> => Object.freeze(definition)
