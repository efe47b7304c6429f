// A plugin: data plus one setup, which returns what it contributes.
import type { Knex } from 'knex'
import type { Call, Principal, TargetedHook } from './call.ts'
import type { Command } from './command.ts'
import { declaredHere } from './declared.ts'
import type { Reasons } from './errors.ts'
import type { Metric, Reading } from './metric.ts'
import type { NamedOperation } from './operation.ts'
import type { AnyResource } from './resource.ts'
import type { AnySchema, Infer } from './schema.ts'
import type { Setting, Settings, SettingsStore } from './settings.ts'
import type { WebFile, WebFolder } from './web-file.ts'

export interface Log {
  debug(details: object, message: string): void
  info(details: object, message: string): void
  warn(details: object, message: string): void
  error(details: object, message: string): void
}

/** Fields that a plugin adds to another's resource. They may add, never replace. */
export interface Extension {
  readonly schema: AnySchema
  readonly readOnly?: readonly string[]
  /** Accepted and never read back; the plugin's hooks store it. */
  readonly writeOnly?: readonly string[]
  /** Fields that only holders of a key read, and all people on their own row. */
  readonly readKeys?: Readonly<Record<string, string>>
  /** Read-only fields kept in a table of the plugin's, one row for each row of the resource. */
  readonly stored?: Readonly<Record<string, { readonly table: string; readonly key: string; readonly column: string }>>
}

/** Server keys that can rotate: the first is used, all are accepted. */
export type Keys = readonly [Buffer, ...Buffer[]]

export interface RunOptions {
  /**
   * On connections that requests cannot take, which the feed has too: for short work that must go on however much is asked. Statements wait
   * for locks half a second. On the embedded database there is one connection for all.
   */
  readonly reserved?: true
}

/** What a running plugin may use. */
export interface Runtime {
  readonly database: 'embedded' | 'postgres'
  /** All operations of the app. */
  readonly operations: readonly { readonly event: string; readonly owner: string; readonly kind: 'query' | 'mutation' }[]
  readonly log: Log
  /** Runs a task in a transaction of its own and in no one's name: `call.call(…, { as: 'system' })` and `call.db` are its tools. */
  run<T>(task: (call: Call) => Promise<T>, options?: RunOptions): Promise<T>
  /** Figures of core by their names in `GET /metrics`, read now. What there is not, or is not known, is undefined. */
  readings(names: readonly string[]): Promise<Readonly<Record<string, Reading>>>
  /** Writes for the person at the terminal, not to the log. */
  print(line: string): void
  /** Whether there is a person at the terminal. */
  readonly interactive: boolean
}

/** How a transport turns a token into an identity. */
export interface Authenticator {
  /** Every end of a session is announced as `~rights` in the transaction that ends it; without it each mutation asks again. */
  readonly stamped?: true
  /** @throws AppError unauthenticated */
  authenticate(db: Knex, token: unknown): Promise<Principal>
  /** Which of these sessions have ended, and why. One statement a kind of session, since everyone may be asked about. */
  ended(db: Knex, principals: readonly Principal[]): Promise<ReadonlyMap<string, string>>
}

/** Something that plugins give to another one, which declares it: `provides: [point.of(…)]`. */
export interface ExtensionPoint<T> {
  /** The name of the plugin that reads it. */
  readonly plugin: string
  /** What one of them is called in faults. */
  readonly kind: string
  /** Two with one key are a fault. Without it there can be one only. */
  readonly keyOf?: (value: T) => string
  of(value: T): Provided
}

export interface Provided {
  // Whatever is given: only `of` makes it, so that value and point fit.
  readonly point: ExtensionPoint<never>
  /** Two with one key are a fault. Undefined: there can be one only. */
  readonly key: string | undefined
  readonly value: unknown
}

/** Declares what a plugin takes from others; it reads them by `provided(point)` of its setup. */
export const extensionPoint = <T>(declared: Pick<ExtensionPoint<T>, 'plugin' | 'kind' | 'keyOf'>): ExtensionPoint<T> => {
  const point: ExtensionPoint<T> = Object.freeze({
    ...declared, of: (value: T): Provided => ({ point, key: declared.keyOf?.(value), value }),
  })
  return point
}

export interface Contribution<Resources extends readonly AnyResource[] = readonly AnyResource[], Services = unknown> {
  readonly resources?: Resources
  readonly extend?: Readonly<Record<string, Extension>>
  readonly operations?: readonly NamedOperation[]
  readonly hooks?: readonly TargetedHook[]
  /** Permission keys that are put into the table at start. */
  readonly permissions?: readonly string[]
  /** The reasons of its own errors. */
  readonly reasons?: Reasons
  /** At most one plugin of an app gives it. */
  readonly authenticator?: Authenticator
  readonly settings?: readonly Setting[]
  /** At most one plugin of an app gives it. */
  readonly settingsStore?: SettingsStore
  /** Whether a session may hear of changes now. Asked at connection and when the actor changes. */
  mayListen?(db: Knex, principal: Principal): Promise<boolean>
  /**
   * Called with every entry of the feed, synchronously and in order: for caches. What it throws is logged, and
   * the rest is told all the same.
   */
  onChange?(change: { readonly resource: string; readonly id: string }): void
  /** Rows were removed or changed unheard, such as by TRUNCATE: nothing that was read before holds. Called like `onChange`. */
  onReset?(): void
  /** Figures of `GET /metrics`, named `sovrane_<plugin>_…`. */
  readonly metrics?: readonly Metric[]
  /** Tracked tables that are no resources: `<name>-changed` is broadcast for them. `alias`: the id goes out under this name too. */
  readonly broadcasts?: Readonly<Record<string, { readonly alias?: string }>>
  /** Files that anyone may read with GET. */
  readonly files?: readonly WebFile[]
  /** Folders of such files. */
  readonly folders?: readonly WebFolder[]
  /** Pages that people are told of when the server has started: their names and paths. */
  readonly pages?: Readonly<Record<string, string>>
  /** What other plugins read of this one, whichever they are. */
  readonly provides?: readonly Provided[]
  /** What plugins that require this one see as `use.<name>`. */
  readonly services?: Services
  start?(runtime: Runtime): Promise<void>
  stop?(): Promise<void>
}

/** All settings that core and plugins have declared, by key. */
export type DeclaredSettings = ReadonlyMap<string, Setting>

export interface Setup<C, Use> {
  /** What the process was started with, as far as the plugin declares it. */
  readonly environment: C
  readonly use: Use
  readonly log: Log
  readonly settings: Settings
  /** Complete only once the server starts: other plugins may declare theirs later. */
  readonly declaredSettings: DeclaredSettings
  /** What all plugins provide, by key. Complete only once the server starts. */
  readonly provided: <T>(point: ExtensionPoint<T>) => ReadonlyMap<string, T>
  /** Where people reach this server, without a slash at the end. */
  readonly publicUrl: string
  readonly dataDir: string
  /**
   * A server key by the name of its environment variable: at least 32 bytes. Embedded mode makes and keeps one.
   * @throws Error when it is missing or weak
   */
  readonly secret: (name: string) => Keys
}

type Services<P> = P extends { setup(setup: never): { readonly services?: infer S } } ? S : never
type UseOf<Requires> = { readonly [K in keyof Requires]: Services<Requires[K]> }

export interface PluginDefinition<N extends string, C extends AnySchema, Q extends Readonly<Record<string, AnyPlugin>>, K> {
  readonly name: N
  /** Plugins it cannot do without, by value: they are set up first and typed in `use`. */
  readonly requires?: Q
  /** Plugins that come first when they are there. */
  readonly after?: readonly string[]
  /** Parsed from the environment at start; each field is the name of its variable. */
  readonly environment?: C
  readonly migrations?: URL
  /** Commands of `sovrane`, by name. */
  readonly commands?: Readonly<Record<string, Command>>
  setup(setup: Setup<Infer<C>, UseOf<Q>>): K
}

/** Any plugin, whatever its types. */
export interface AnyPlugin {
  readonly name: string
  readonly requires?: Readonly<Record<string, AnyPlugin>>
  readonly after?: readonly string[]
  readonly environment?: AnySchema
  readonly migrations?: URL
  readonly commands?: Readonly<Record<string, Command>>
  // A method: each plugin is given the setup of its own environment and of what it requires.
  setup(setup: Setup<object, object>): Contribution
}

/** Declares a plugin. */
export const definePlugin = <
  const N extends string,
  const K extends Contribution,
  C extends AnySchema = AnySchema,
  const Q extends Readonly<Record<string, AnyPlugin>> = Record<never, never>,
>(plugin: PluginDefinition<N, C, Q, K>): PluginDefinition<N, C, Q, K> => declaredHere(Object.freeze(plugin))
