// Settings: values that an administrator changes while the server runs. Declared by who uses them, with a schema and a default.
import { Schema } from 'yup'

export interface Setting<T = unknown, K extends string = string> {
  /** 1 to 128 characters of `[A-Za-z0-9_.-]`. */
  readonly key: K
  /** Bounds included: a value outside of them is refused. Its default is the setting's. */
  readonly schema: Schema
  readonly description: string
  readonly initial: T
}

/** A schema as far as its type is concerned. */
interface Typed<T> {
  readonly __outputType: T
  getDefault(): unknown
}

/** Declares a setting; the type of its value comes from the schema, which must have a default. */
export const setting = <T, const K extends string = string>(
  key: K, schema: Typed<T>, description: string,
): Setting<NonNullable<T>, K> => {
  const initial: unknown = schema.getDefault()
  if (!(schema instanceof Schema)) throw new TypeError(`The setting "${key}" needs a yup schema`)
  if (!/^[A-Za-z0-9_.-]{1,128}$/.test(key)) throw new Error(`"${key}" cannot be the key of a setting`)
  if (initial === undefined || initial === null) throw new Error(`The setting "${key}" has no default`)
  // The default was given to a schema of that type.
  return Object.freeze({ key, schema, description, initial: initial as NonNullable<T> })
}

/** Where administrators' values are kept. At most one plugin of an app gives it. */
export interface SettingsStore {
  /** The value that was set, as it is now on this node; undefined when none is. */
  get(key: string): unknown
}

/** Reading settings. */
export interface Settings {
  /** The present value: what an administrator set, else the default. */
  readonly get: <T>(wanted: Setting<T>) => T
}
