// An app and its environment → everything checked and compiled, before any database is opened.
import { createActors, type Actors } from '../access/actors.ts'
import { createCursors } from '../call/cursors.ts'
import type { Cursors } from '../define/page.ts'
import { createIdempotency, type Idempotency } from '../call/idempotency.ts'
import type { Operations } from '../call/operation.ts'
import { coreOwner, type App } from '../define/app.ts'
import { coreReasons, type Reasons } from '../define/errors.ts'
import { interestReader, type InterestReader } from '../define/interest.ts'
import type { NamedOperation } from '../define/operation.ts'
import type { Contribution, Extension, Log } from '../define/plugin.ts'
import type { Setting } from '../define/settings.ts'
import type { AnyResource } from '../define/resource.ts'
import type { Authority } from '../define/rights.ts'
import { namedOf, partsOf } from './app-shape.ts'
import { compileResources } from '../model/compile.ts'
import { checkKey } from '../model/definition.ts'
import { readEnvironment, variable, type Environment } from './environment.ts'
import { Faults } from '../model/faults.ts'
import { schemaFields } from '../model/fields.ts'
import { compileOperations, ownOperations } from './operations.ts'
import { unknownOptions } from '../model/options.ts'
import { orderPlugins } from './plugins.ts'
import type { Resources } from '../model/resource.ts'
import { checkRules } from './rules.ts'
import { checkFiles, checkSaid } from './said.ts'
import { checkSchema } from '../model/schemas.ts'
import { createSecrets } from './secrets.ts'
import { setUpPlugins, tellingSecret, type Contributor } from './set-up.ts'
import { variables } from './variables.ts'

export interface Assembly {
  readonly app: App
  /** What core itself reads of the environment. */
  readonly variables: ReturnType<typeof readVariables>
  readonly contributors: readonly Contributor[]
  readonly resources: Resources
  /** The plugin that declares a resource, by the resource's name; the others are the app's own. */
  readonly owners: ReadonlyMap<string, string>
  readonly operations: Operations
  readonly actors: Actors
  readonly authenticator: Contribution['authenticator']
  /** What is broadcast: resources, and tracked tables that plugins name. The value is a further name of the id. */
  readonly broadcasts: ReadonlyMap<string, string | undefined>
  /** Reads what clients want to hear of that. */
  readonly interests: InterestReader
  readonly idempotency: Idempotency
  readonly cursors: Cursors
  /** Every permission key that a definition or a plugin names. */
  readonly permissionKeys: readonly string[]
  readonly settings: readonly (Setting & { readonly owner: string })[]
  /** Who declares each reason of an error. */
  readonly reasons: ReadonlyMap<string, { readonly owner: string; readonly refuse: Reasons[string] }>
}

const readVariables = (environment: Environment, faults: Faults) => {
  const read = readEnvironment(variables, environment, faults, 'core.environment')
  if (read.METRICS_PORT === read.PORT && read.PORT !== 0) faults.add('METRICS_PORT', 'must be another port than PORT')
  return read
}

/** Without a slash at the end. */
const publicUrlOf = ({ PUBLIC_URL, PORT }: Pick<Assembly['variables'], 'PUBLIC_URL' | 'PORT'>): string => {
  const url = new URL(PUBLIC_URL ?? `http://localhost:${PORT}`)
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`
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

const keysOf = (
  resources: Resources, contributors: readonly Contributor[], operations: readonly NamedOperation[], root: string,
): string[] => {
  const asked = operations.flatMap(({ access, row }) => [...(typeof access === 'object' ? [access.key] : []), ...(row ? [row.key] : [])])
  const own = contributors.flatMap(({ contribution }) => [
    ...(contribution.permissions ?? []),
    ...Object.values(contribution.extend ?? {}).flatMap(({ readKeys }) => Object.values(readKeys ?? {})),
  ])
  const generic = [...resources.values()].flatMap((resource) => [
    ...Object.values(resource.keys),
    ...[...resource.relations.values()].flatMap(
      (relation) => [relation.key, ...(relation.kind === 'link' ? relation.holds?.keys ?? [] : [])],
    ),
  ])
  return [...new Set([root, ...generic, ...asked, ...own])].toSorted()
}

const broadcastsOf = (resources: Resources, contributors: readonly Contributor[]): Map<string, string | undefined> => new Map([
  ...[...resources.keys()].map((name): [string, undefined] => [name, undefined]),
  ...contributors.flatMap(({ contribution }) => Object.entries(contribution.broadcasts ?? {})
    .map(([name, { alias }]): [string, string | undefined] => [name, alias])),
])

/** What contributions say wrong by themselves. */
const checkContributions = (contributors: readonly Contributor[], resources: Resources, faults: Faults): void => {
  for (const { plugin, contribution } of contributors) {
    for (const key of contribution.permissions ?? []) checkKey(`${plugin.name}.permissions`, key, faults)
    for (const name of Object.keys(contribution.broadcasts ?? {})) {
      if (resources.has(name))
        faults.add(`${plugin.name}.broadcasts.${name}`, 'is the name of a resource too: their changes could not be told apart')
    }
    for (const [name, extension] of Object.entries(contribution.extend ?? {})) {
      const place = `${plugin.name}.extend.${name}`
      unknownOptions(place, 'extension', extension, faults)
      checkSchema(place, extension.schema, faults)
      const own = new Set(schemaFields(extension.schema).map(([field]) => field))
      const named = { ...extension, readKeys: Object.keys(extension.readKeys ?? {}), stored: Object.keys(extension.stored ?? {}) }
      for (const list of ['readOnly', 'writeOnly', 'readKeys', 'stored'] as const) {
        for (const field of named[list] ?? []) if (!own.has(field)) faults.add(`${place}.${list}`, `there is no field "${field}"`)
      }
      for (const key of Object.values(extension.readKeys ?? {})) checkKey(`${place}.readKeys`, key, faults)
    }
  }
}

/** Programs tell errors apart by their reasons: each is declared once. */
const reasonsOf = (definitions: readonly AnyResource[], contributors: readonly Contributor[], faults: Faults): Assembly['reasons'] => {
  const result = new Map<string, { owner: string; refuse: Reasons[string] }>()
  const declared: [string, Reasons | undefined][] = [
    [coreOwner, coreReasons],
    ...definitions.map(({ name, reasons }): [string, Reasons | undefined] => [name, reasons]),
    ...contributors.map(({ plugin, contribution }): [string, Reasons | undefined] => [plugin.name, contribution.reasons]),
  ]
  for (const [owner, reasons] of declared) {
    for (const [reason, refuse] of Object.entries(reasons ?? {})) {
      const other = result.get(reason)
      if (other) faults.add(`${owner}.reasons.${reason}`, `is declared by ${other.owner} too`)
      result.set(reason, { owner, refuse })
    }
  }
  return result
}

const checkAuthenticators = (contributors: readonly Contributor[], faults: Faults): Contribution['authenticator'] => {
  const given = contributors.filter(({ contribution }) => contribution.authenticator)
  if (given.length > 1)
    faults.add('authenticator', `is given by ${given.map(({ plugin }) => plugin.name).join(' and ')}; only one can be used`)
  return given[0]?.contribution.authenticator
}

const checkActors = (authority: Authority, resources: Resources, faults: Faults): void => {
  checkKey('authority.root', authority.root, faults)
  if (!resources.has(authority.actor)) faults.absent('authority.actor', `unknown resource "${authority.actor}"`)
  for (const name of authority.watch) if (!resources.has(name)) faults.absent('authority.watch', `unknown resource "${name}"`)
}

/**
 * Checks and compiles an app.
 * @throws BootError with every fault of every definition, plugin and variable
 */
export const assemble = (app: App, environment: Environment, log: Log): Assembly => {
  const faults = new Faults()
  const ownFaults = new Faults()
  const read = readVariables(environment, ownFaults)
  const isWhole = !ownFaults.moveTo(faults)
  const { text, fault } = variable(environment, 'DATABASE_URL')
  const parts = partsOf(app, faults)
  const secret = tellingSecret(
    createSecrets({ environment, dataDir: isWhole ? read.DATA_DIR : undefined, embedded: text === undefined && fault === undefined }),
    faults,
  )
  const requestKeys = secret('JWT_SECRET')
  const contributors = setUpPlugins(orderPlugins(parts.plugins, faults), {
    environment, log, faults, secret, publicUrl: publicUrlOf(read), dataDir: read.DATA_DIR,
  })
  const owned = contributors.map(({ plugin, contribution }) =>
    ({ plugin, resources: namedOf<AnyResource>(`${plugin.name}.resources`, contribution.resources ?? [], { kind: 'resource', faults }) }))
  const definitions: AnyResource[] = [...parts.resources, ...owned.flatMap(({ resources }) => resources)]
  const resources = compileResources(definitions, extensionsOf(contributors), faults)
  const broadcasts = broadcastsOf(resources, contributors)
  const interests = interestReader(broadcasts.keys())
  const operations = compileOperations({
    resources, definitions, interests, contributed: contributors.map(({ plugin, contribution }) => ({
      owner: plugin.name, operations: contribution.operations ?? [], hooks: contribution.hooks ?? [],
    })),
  }, faults)
  checkContributions(contributors, resources, faults)
  const declared = [...definitions.flatMap(ownOperations), ...contributors.flatMap(({ contribution }) => contribution.operations ?? [])]
  const permissionKeys = keysOf(resources, contributors, declared, parts.authority?.root ?? 'root')
  checkRules(definitions, resources, permissionKeys, faults)
  const reasons = reasonsOf(definitions, contributors, faults)
  checkSaid({ operations, reasons, broadcasts }, faults)
  checkFiles(contributors, faults)
  const authenticator = checkAuthenticators(contributors, faults)
  if (parts.authority) checkActors(parts.authority, resources, faults)
  faults.throwIfAny()
  return Object.freeze({
    app,
    variables: read,
    contributors,
    resources,
    owners: new Map(owned.flatMap(({ plugin, resources: own }) => own.map(({ name }): [string, string] => [name, plugin.name]))),
    operations,
    actors: createActors({
      resources, authority: app.authority, authenticator,
      operations: declared,
    }),
    authenticator,
    broadcasts,
    interests,
    idempotency: createIdempotency(requestKeys),
    cursors: createCursors(requestKeys),
    permissionKeys,
    settings: contributors.flatMap(({ plugin, contribution }) =>
      (contribution.settings ?? []).map((setting) => ({ ...setting, owner: plugin.name }))),
    reasons,
  })
}
