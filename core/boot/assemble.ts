// An app and its environment → everything checked and compiled, before any database is opened.
import { createActors, type Actors } from '../access/actors.ts'
import { createCursors, type Cursors } from '../call/cursors.ts'
import { createIdempotency, type Idempotency } from '../call/idempotency.ts'
import type { Operations } from '../call/operation.ts'
import type { App } from '../define/app.ts'
import type { AnyPlugin, Contribution, Extension, Log, Setup } from '../define/plugin.ts'
import type { AnyResource } from '../define/resource.ts'
import type { Setting, Settings, SettingsStore } from '../define/settings.ts'
import { compileResources } from './compile.ts'
import { readEnvironment, type Environment } from './environment.ts'
import { Faults } from './faults.ts'
import { compileOperations } from './operations.ts'
import { orderPlugins } from './plugins.ts'
import type { Resources } from './resource.ts'
import { createSecrets } from './secrets.ts'
import { settings as coreSettings } from './settings.ts'

export interface Contributor {
  readonly plugin: AnyPlugin
  readonly contribution: Contribution
}

export interface Assembly {
  readonly app: App
  readonly settings: ReturnType<typeof readSettings>
  readonly contributors: readonly Contributor[]
  readonly resources: Resources
  readonly operations: Operations
  readonly actors: Actors
  readonly authenticator: Contribution['authenticator']
  /** What is broadcast: resources, and tracked tables that plugins name. The value is a further name of the id. */
  readonly broadcasts: ReadonlyMap<string, string | undefined>
  readonly idempotency: Idempotency
  readonly cursors: Cursors
  /** Every permission key that a definition or a plugin names. */
  readonly permissionKeys: readonly string[]
}

const readSettings = (environment: Environment, faults: Faults) => readEnvironment(coreSettings, environment, faults)

interface SetUpParts {
  readonly environment: Environment
  readonly log: Log
  readonly faults: Faults
  readonly secret: ReturnType<typeof createSecrets>
}

const setUp = (plugins: readonly AnyPlugin[], { environment, log, faults, secret }: SetUpParts): Contributor[] => {
  const services = new Map<AnyPlugin, unknown>()
  const declared = new Map<string, Setting>()
  const store: { current?: SettingsStore } = {}
  // What the store holds was checked against the setting's own schema.
  const settings: Settings = { get: <T>(wanted: Setting<T>) => (store.current?.get(wanted.key) ?? wanted.initial) as T }
  return plugins.flatMap((plugin) => {
    const config = plugin.config ? readEnvironment(plugin.config, environment, faults) : {}
    const use = Object.fromEntries(Object.entries(plugin.requires ?? {}).map(([name, required]) => [name, services.get(required)]))
    const setup: Setup<object, Record<string, unknown>> = { config, use, log, secret, settings, declaredSettings: declared }
    try {
      // Each plugin's own types were checked where it was defined.
      const contribution = plugin.setup(setup as never)
      services.set(plugin, contribution.services)
      for (const each of contribution.settings ?? []) {
        if (declared.has(each.key)) faults.add(plugin.name, `the setting "${each.key}" is declared twice`)
        declared.set(each.key, each)
      }
      if (contribution.settingsStore) {
        if (store.current) faults.add(plugin.name, 'another plugin keeps the settings already')
        store.current = contribution.settingsStore
      }
      return [{ plugin, contribution }]
    } catch (error) {
      faults.add(plugin.name, error instanceof Error ? error.message : String(error))
      return []
    }
  })
}

const extensionsOf = (contributors: readonly Contributor[]): Map<string, [string, Extension][]> => {
  const result = new Map<string, [string, Extension][]>()
  for (const { plugin, contribution } of contributors) {
    for (const [resource, extension] of Object.entries(contribution.extend ?? {})) {
      result.set(resource, [...(result.get(resource) ?? []), [plugin.name, extension]])
    }
  }
  return result
}

const keysOf = (resources: Resources, contributors: readonly Contributor[], root: string): string[] => {
  const own = contributors.flatMap(({ contribution }) => [
    ...(contribution.permissions ?? []),
    ...(contribution.operations ?? []).flatMap(({ access, row }) => [...(typeof access === 'object' ? [access.key] : []), ...(row ? [row.key] : [])]),
    ...Object.values(contribution.extend ?? {}).flatMap(({ readKeys }) => Object.values(readKeys ?? {})),
  ])
  const generic = [...resources.values()].flatMap((resource) => [
    ...Object.values(resource.keys),
    ...[...resource.relations.values()].flatMap((relation) => [relation.key, ...(relation.kind === 'link' ? relation.holds?.keys ?? [] : [])]),
  ])
  return [...new Set([root, ...generic, ...own])].toSorted()
}

/** A key that core itself needs; a weak one is reported with everything else. */
const keysFor = (name: string, secret: ReturnType<typeof createSecrets>, faults: Faults): readonly Buffer[] => {
  try {
    return secret(name)
  } catch (error) {
    faults.add('core', error instanceof Error ? error.message : String(error))
    return []
  }
}

/**
 * Checks and compiles an app.
 * @throws BootError with every fault of every definition, plugin and variable
 */
export const assemble = (app: App, environment: Environment, log: Log): Assembly => {
  const faults = new Faults()
  const read = readSettings(environment, faults)
  faults.throwIfAny()
  const secret = createSecrets({ environment, dataDir: read.DATA_DIR, embedded: read.DATABASE_URL === undefined })
  const requestKeys = keysFor('JWT_SECRET', secret, faults)
  const contributors = setUp(orderPlugins(app.plugins, faults), { environment, log, faults, secret })
  const definitions: AnyResource[] = [...app.resources, ...contributors.flatMap(({ contribution }) => contribution.resources ?? [])]
  const resources = compileResources(definitions, extensionsOf(contributors), faults)
  const operations = compileOperations(resources, definitions, contributors.map(({ plugin, contribution }) => ({
    owner: plugin.name, operations: contribution.operations ?? [], hooks: contribution.hooks ?? [],
  })), faults)
  const authenticators = contributors.filter(({ contribution }) => contribution.authenticator)
  if (authenticators.length > 1) faults.add('authenticator', `is given by ${authenticators.map(({ plugin }) => plugin.name).join(' and ')}; one must do`)
  if (!resources.has(app.authority.actor)) faults.add('authority.actor', `unknown resource "${app.authority.actor}"`)
  for (const name of app.authority.watch) if (!resources.has(name)) faults.add('authority.watch', `unknown resource "${name}"`)
  faults.throwIfAny()
  const authenticator = authenticators[0]?.contribution.authenticator
  return Object.freeze({
    app,
    settings: read,
    contributors,
    resources,
    operations,
    actors: createActors({
      resources, authority: app.authority, authenticator,
      operations: contributors.flatMap(({ contribution }) => contribution.operations ?? []),
    }),
    authenticator,
    broadcasts: new Map([
      ...[...resources.keys()].map((name): [string, undefined] => [name, undefined]),
      ...contributors.flatMap(({ contribution }) => Object.entries(contribution.broadcasts ?? {}).map(([name, { alias }]): [string, string | undefined] => [name, alias])),
    ]),
    idempotency: createIdempotency(requestKeys),
    cursors: createCursors(requestKeys),
    permissionKeys: keysOf(resources, contributors, app.authority.root),
  })
}
