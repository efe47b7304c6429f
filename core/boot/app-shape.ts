// Whether an app has all its parts. JavaScript and `npm start` know no types, so what is missing is told here and not as a TypeError.
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { appOwner, type App, type MigrationDirectory } from '../define/app.ts'
import type { AnyPlugin } from '../define/plugin.ts'
import type { AnyResource } from '../define/resource.ts'
import type { Authority } from '../define/rights.ts'
import type { Faults } from '../model/faults.ts'
import { unknownOptions } from '../model/options.ts'

/** What can be worked with of an app that may be incomplete. */
export interface Parts {
  readonly resources: readonly AnyResource[]
  readonly plugins: readonly AnyPlugin[]
  readonly authority: Authority | undefined
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The named objects of a list; what is none is told. */
export const namedOf = <T>(place: string, list: unknown, { kind, faults }: { readonly kind: string; readonly faults: Faults }): T[] => {
  if (!Array.isArray(list)) {
    faults.add(place, list === undefined ? 'is missing; it may be empty: []' : 'must be an array')
    return []
  }
  return list.flatMap((entry: unknown, index) => {
    if (isObject(entry) && typeof entry['name'] === 'string') return [entry as T]
    faults.add(
      `${place}[${index}]`,
      entry === undefined ? `is undefined; do two files import each other, or is a name misspelt?` : `is not a ${kind}`,
    )
    return []
  })
}

const checkAuthority = (authority: unknown, faults: Faults): Authority | undefined => {
  if (!isObject(authority)) {
    faults.add('authority', 'is missing. An app says where rights come from: authority: { actor, watch, root, actors, register }')
    return undefined
  }
  const wrong = [
    ...['actor', 'root', 'actors'].filter((name) => typeof authority[name] !== 'string' || authority[name] === ''),
    ...['register'].filter((name) => typeof authority[name] !== 'function'),
    ...(Array.isArray(authority['watch']) ? [] : ['watch']),
  ]
  for (const name of wrong) faults.add(`authority.${name}`, authority[name] === undefined ? 'is missing' : 'is of the wrong type')
  unknownOptions('authority', 'authority', authority, faults)
  return wrong.length === 0 ? (authority as unknown as Authority) : undefined
}

const checkMigrations = (directories: readonly MigrationDirectory[], faults: Faults): void => {
  for (const { owner, directory } of directories) {
    const place = `${owner}.migrations`
    const given: unknown = directory
    if (!(given instanceof URL)) faults.add(place, "must be a URL, such as new URL('migrations/', import.meta.url)")
    // A new project has none yet; a table that is then missing is told of by its name.
    else if (owner !== appOwner && !existsSync(fileURLToPath(given))) faults.add(place, `there is no folder ${fileURLToPath(given)}`)
  }
}

/** The parts of an app; what is missing or no such part goes to `faults`. */
export const partsOf = (app: Omit<App, 'migrations'> & { readonly migrations: readonly MigrationDirectory[] }, faults: Faults): Parts => {
  unknownOptions('app', 'app', app, faults)
  checkMigrations(app.migrations, faults)
  const plugins = namedOf<AnyPlugin>('app.plugins', app.plugins, { kind: 'plugin; make it with definePlugin()', faults })
  for (const plugin of plugins) {
    unknownOptions(plugin.name, 'plugin', plugin, faults)
    if (typeof plugin.setup !== 'function') faults.add(plugin.name, 'has no setup()')
  }
  return {
    resources: namedOf<AnyResource>('app.resources', app.resources, { kind: 'resource; make it with defineResource()', faults }),
    plugins: plugins.filter((plugin) => typeof plugin.setup === 'function'),
    authority: checkAuthority(app.authority, faults),
  }
}
