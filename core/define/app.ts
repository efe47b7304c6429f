// An app: its resources, its plugins, and where rights come from. The compiler checks that relations lead somewhere.
import type { AnyPlugin } from './plugin.ts'
import type { AnyResource } from './resource.ts'
import type { Authority } from './rights.ts'

/** Whose the migrations of the engine and of the app's own resources are; the others are named by their plugins. */
export const coreOwner = 'core'
export const resourcesOwner = 'resources'

export interface MigrationDirectory {
  readonly owner: string
  readonly directory: URL
}

export interface AppDefinition<
  D extends readonly AnyResource[] = readonly AnyResource[], P extends readonly AnyPlugin[] = readonly AnyPlugin[],
> {
  readonly resources: D
  readonly plugins: P
  readonly authority: Authority
  /** Where the resources' migrations are. */
  readonly migrations: URL
}

export interface App<D extends readonly AnyResource[] = readonly AnyResource[], P extends readonly AnyPlugin[] = readonly AnyPlugin[]>
  extends Omit<AppDefinition<D, P>, 'migrations'> {
  /** All migrations in the order in which they run. */
  readonly migrations: readonly MigrationDirectory[]
}

/** The resources of plugins, whichever declares them. */
export type PluginResources<P> = P extends { setup(setup: never): { readonly resources?: infer R extends readonly AnyResource[] } }
  ? R[number]
  : never
type Targets<D> = D extends { readonly relations?: infer R }
  ? { [K in keyof R]-?: R[K] extends { readonly target: infer T } ? T : never }[keyof R]
  : never

/** The relation of a name. */
type RelationOf<D, V> = D extends { readonly relations?: infer R } ? V extends keyof R ? R[V] : never : never

/** The relations that are the inverse of none that leads back. */
type Loose<D, All> = D extends { readonly name: infer N; readonly relations?: infer R }
  ? { [K in keyof R]-?: R[K] extends { readonly target: infer T; readonly inverse: infer V }
    ? [Extract<RelationOf<Extract<All, { readonly name: T }>, V>, { readonly target: N }>] extends [never] ? K & string : never
    : never }[keyof R]
  : never

/** Each definition whose relations all lead to a resource of the app; a sentence in its place for one that does not. */
type Checked<D extends readonly AnyResource[], All extends AnyResource> = {
  readonly [I in keyof D]: [Targets<D[I]>] extends [All['name']]
    ? [Loose<D[I], All>] extends [never] ? D[I] : `${D[I]['name']}.${Loose<D[I], All>} is the inverse of no relation to it`
    : `${D[I]['name']} points to unknown resource "${Exclude<Extract<Targets<D[I]>, string>, All['name']>}"`
}

/** Declares an app. */
export const defineApp = <const D extends readonly AnyResource[], const P extends readonly AnyPlugin[]>(
  app: Omit<AppDefinition<D, P>, 'resources'> & { readonly resources: D & Checked<D, D[number] | PluginResources<P[number]>> },
): App<D, P> => {
  // What is missing or no plugin is told of at start, together with everything else that is wrong.
  const plugins: readonly (AnyPlugin | undefined)[] | undefined = app.plugins
  const own = (plugins ?? []).flatMap((plugin) => (plugin?.migrations ? [{ owner: plugin.name, directory: plugin.migrations }] : []))
  return Object.freeze({
    ...app,
    resources: app.resources,
    migrations: [
      { owner: coreOwner, directory: new URL('../migrations/', import.meta.url) },
      { owner: resourcesOwner, directory: app.migrations },
      ...own,
    ],
  })
}
