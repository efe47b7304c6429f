// The little of yup that generic constraints may see: comparing yup's classes structurally costs the compiler ten times more.

/** The two phantom members that carry a yup schema's types. */
export interface AnySchema {
  readonly __outputType: object
  readonly __default: unknown
}

/** The type that a schema describes. */
export type Infer<S extends AnySchema> = S['__outputType']
