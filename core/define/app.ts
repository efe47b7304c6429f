// An app: its resources, its plugins, and where rights come from. The compiler checks that relations lead somewhere.
import type { AnyPlugin } from './plugin.ts'
import type { AnyResource } from './resource.ts'
import type { Authority } from './rights.ts'

/** Whose the migrations of the engine and of the app's own resources are; the others are named by their plugins. */
export const coreOwner = 'core'
export const resourcesOwner = 'resources'
/** Whose those of a project are that takes its first resources, with their migrations, from the package. */
export const appOwner = 'app'

export interface MigrationDirectory {
  readonly owner: string
  readonly directory: URL
}

/** The folders of the resources' migrations, in the order in which they run. */
export interface OwnMigrations {
  /** Those that come with `sovrane/resources`. */
  readonly resources: URL
  /** The project's own. It may have none yet. */
  readonly app: URL
}

export interface AppDefinition<
  D extends readonly AnyResource[] = readonly AnyResource[], P extends readonly AnyPlugin[] = readonly AnyPlugin[],
> {
  readonly resources: D
  readonly plugins: P
  readonly authority: Authority
  /** Where the resources' migrations are: all of them, or those of the package and of the project. */
  readonly migrations: URL | OwnMigrations
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

/** Every relation, as `<resource>.<relation> to <target>`: a text is found among thousands at once, a definition is not. */
type Ends<D> = D extends { readonly name: infer N extends string; readonly relations?: infer R }
  ? { [K in keyof R & string]: NonNullable<R[K]> extends { readonly target: infer T extends string } ? `${N}.${K} to ${T}` : never }[
    keyof R & string]
  : never

/** The relations that are the inverse of none that leads back. */
type Loose<D, All> = D extends { readonly name: infer N extends string; readonly relations?: infer R }
  ? { [K in keyof R & string]:
      NonNullable<R[K]> extends { readonly target: infer T extends string; readonly inverse: infer V extends string }
        ? `${T}.${V} to ${N}` extends All ? never : K : never }[keyof R & string]
  : never

/** Each definition whose relations all lead to a resource of the app; a sentence in its place for one that does not. */
type Checked<D extends readonly AnyResource[], Names extends string, AllEnds> = {
  readonly [I in keyof D]: [Targets<D[I]>] extends [Names]
    ? [Loose<D[I], AllEnds>] extends [never] ? D[I] : `${D[I]['name']}.${Loose<D[I], AllEnds>} is the inverse of no relation to it`
    : `${D[I]['name']} points to unknown resource "${Exclude<Extract<Targets<D[I]>, string>, Names>}"`
}
type CheckedOf<D extends readonly AnyResource[], All extends AnyResource> = Checked<D, All['name'], Ends<All>>

const ownFolders = (migrations: URL | OwnMigrations): MigrationDirectory[] => migrations instanceof URL || !migrations
  ? [{ owner: resourcesOwner, directory: migrations }]
  : [{ owner: resourcesOwner, directory: migrations.resources }, { owner: appOwner, directory: migrations.app }]

/** Whose a new migration of the app's resources is. */
export const ownerOfResources = (owners: readonly string[]): string => (owners.includes(appOwner) ? appOwner : resourcesOwner)

/** Declares an app. */
export const defineApp = <const D extends readonly AnyResource[], const P extends readonly AnyPlugin[]>(
  app: Omit<AppDefinition<D, P>, 'resources'> & { readonly resources: D & CheckedOf<D, D[number] | PluginResources<P[number]>> },
): App<D, P> => {
  // What is missing or no plugin is told of at start, together with everything else that is wrong.
  const plugins: readonly (AnyPlugin | undefined)[] | undefined = app.plugins
  const own = (plugins ?? []).flatMap((plugin) => (plugin?.migrations ? [{ owner: plugin.name, directory: plugin.migrations }] : []))
  return Object.freeze({
    ...app,
    resources: app.resources,
    migrations: [
      { owner: coreOwner, directory: new URL('../migrations/', import.meta.url) },
      ...ownFolders(app.migrations),
      ...own,
    ],
  })
}
