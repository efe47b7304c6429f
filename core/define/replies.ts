// What operations answer, as schemas: rows of resources, pages, one of several objects. And the types that handlers and clients have of it.
import { array, boolean, mixed, number, object, string, Schema } from 'yup'
import type { Payload } from './call.ts'
import type { AnySchema, Infer } from './schema.ts'
import type { Page } from './wire.ts'

declare const resource: unique symbol
/** A row of a resource, whose fields only the app knows: in a handler what `call.call` answers, for clients the row itself. */
export interface RowOfResource<N extends string> {
  readonly [resource]: N
}

/** What a handler answers for a schema: dates are texts in ISO 8601, a row is what another operation answered. */
export type Answer<T> = T extends RowOfResource<string> ? Payload
  : T extends Date ? string
  : T extends readonly (infer I)[] ? readonly Answer<I>[]
  : T extends object ? keyof T extends never ? unknown : { readonly [K in keyof T]: Answer<T[K]> } : T

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value)

/** A row of a resource, as `<name>-get` answers it: `object({ user: rowOf('user') })`. It has the fields that the actor may read. */
export const rowOf = <const N extends string>(name: N) =>
  mixed((value: unknown): value is RowOfResource<N> => isObject(value)).required().meta({ row: name })

/** One of several objects. */
export const either = <const S extends readonly AnySchema[]>(...alternatives: S) =>
  mixed((value: unknown): value is Infer<S[number]> => isObject(value)).required().meta({ alternatives })
    .test('either', 'fits none of the alternatives', (value) =>
      alternatives.some((each) => each instanceof Schema && each.isValidSync(value, { strict: true })))

const whole = () => number().integer().required()

/** A page of objects of this schema: what `pageOf` answers. */
export const pageWith = <S extends AnySchema>(item: S): Schema<Page<Infer<S>>> => {
  if (!(item instanceof Schema)) throw new TypeError('A page needs the yup schema of its items')
  const items = array().of<unknown>(item).required()
  // yup forgets the type of items that come by a type parameter.
  return object({
    items, page: whole(), limit: whole(), total: whole(), next: string().optional(),
  }) as Schema as Schema<Page<Infer<S>>>
}

/** What is answered when there is nothing to say but that it was done: `{ success: true }`. */
export const done = () => object({ success: boolean().required() })
