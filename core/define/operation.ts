// An operation that is not generic: an event with its input, its right and its handler.
import type { Call, Payload, Refused } from './call.ts'
import { declaredHere, declaredLike } from './declared.ts'
import type { Answer } from './replies.ts'
import type { Row } from './rights.ts'
import type { AnySchema, Infer } from './schema.ts'

/**
 * Who may call: anyone; anyone with a session; who holds a key everywhere.
 * `anywhere`: a grant within some scope will do; the handler decides for which.
 */
export type Access = 'public' | 'session' | { readonly key: string; readonly anywhere?: true }

export interface OperationDefinition<S extends AnySchema = AnySchema, P = unknown, O extends AnySchema = AnySchema> {
  /** A plugin's operation needs one; one of a resource is called `<resource>-<name>`, by the name under which the definition lists it. */
  readonly event?: string
  /** What it does, in a sentence of few words: `Sends the code of a second factor anew`. */
  readonly about?: string
  /** A mutation runs in a transaction; a query does not. */
  readonly kind: 'query' | 'mutation'
  readonly access: Access
  readonly input: S
  /** Its reply hands out a secret: it is never kept for a repeated request. */
  readonly secret?: boolean
  /**
   * It acts on the row `input.id` of a resource, its own unless another is named: loaded as `call.before`, locked in mutations, and
   * allowed by the key on that row.
   */
  readonly row?: { readonly resource?: string; readonly key: string }
  /**
   * What other plugins may know of it, such as `authentication`: it is always recorded; `essential`: it is open to an account that must
   * do something else first, such as set up a second factor.
   */
  readonly tags?: readonly string[]
  /** The schema of its reply, for clients and documents: `rowOf`, `pageWith`, `either` and `done` make what replies are made of. */
  readonly output: O
  /**
   * The errors and reasons of its handler, for documents: `['not_found', 'shop.closed']`. Those that follow from its access, its row, its
   * input and hooks need not be said.
   */
  readonly errors?: readonly string[]
  /** Of what it changes rows, as `<name>-changed` has it; default: of its row's resource. For documents. */
  readonly changes?: readonly string[]
  /**
   * Decides what `access` and `row` cannot say, over the row alone: refuses by throwing, and only reads. Asked before `handle`, and by
   * `permission-explain`. Without a `row` it is not asked.
   */
  authorise?(call: Pick<Call, 'actor' | 'db' | 'rights' | 'system'>, row: Row): Promise<void>
  /** Slow work that needs no transaction, such as hashing: done before it begins. What it gives, `handle` takes. */
  prepare?(call: Call<Infer<S>>): Promise<P>
  /** What it answers fits `output`. Not checked once more when it runs: the compiler does, and the tests. */
  handle(call: Call<Infer<S>>, prepared: P): Promise<Answer<Infer<O>> | Refused>
}

/** An operation as it is declared: what its `prepare` gives it keeps to itself. */
export interface Declared<S extends AnySchema = AnySchema, O extends AnySchema = AnySchema>
  extends Omit<OperationDefinition<S, unknown, O>, 'prepare' | 'handle'> {
  prepare?(call: Call<Infer<S>>): Promise<void>
  handle(call: Call<Infer<S>>): Promise<Payload>
}

/** Any operation, whatever its types. */
export interface AnyOperation extends Omit<Declared, 'prepare' | 'handle'> {
  prepare?(call: Call): Promise<void>
  handle(call: Call): Promise<Payload>
}

/** The operations, each with one tag more. */
export const tagged = <O extends NamedOperation>(tag: string, operations: readonly O[]): readonly O[] =>
  operations.map((each) => declaredLike({ ...each, tags: [...(each.tags ?? []), tag] }, each))

/** An operation with the name of its event. */
export type NamedOperation = AnyOperation & { readonly event: string }

/** Declares an operation; its type of input comes from the schema. */
export function operation<const E extends string, S extends AnySchema, P = undefined, O extends AnySchema = AnySchema>(
  definition: OperationDefinition<S, P, O> & { readonly event: E },
): Declared<S, O> & { readonly event: E }
export function operation<S extends AnySchema, P = undefined, O extends AnySchema = AnySchema>(
  definition: OperationDefinition<S, P, O>,
): Declared<S, O>
export function operation<S extends AnySchema, P = undefined, O extends AnySchema = AnySchema>(
  definition: OperationDefinition<S, P, O>,
): Declared<S, O> {
  const prepared = new WeakMap<Call<Infer<S>>, { readonly value: P }>()
  const preparing = definition.prepare?.bind(definition)
  const said: Omit<OperationDefinition<S, P, O>, 'prepare' | 'handle'> = definition
  return declaredHere(Object.freeze({
    ...said,
    ...(preparing ? { async prepare(call: Call<Infer<S>>) {
      prepared.set(call, { value: await preparing(call) })
    } } : {}),
    // Without `prepare` there is nothing to take.
    handle: (call: Call<Infer<S>>) => definition.handle(call, prepared.get(call)?.value as P) as Promise<Payload>,
  }))
}
