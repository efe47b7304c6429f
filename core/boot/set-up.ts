// Sets plugins up, in their order. One that fails is told of once; those that cannot do without it are passed over in silence.
import { randomBytes } from 'node:crypto'
import type { Metric } from '../define/metric.ts'
import type { AnyPlugin, Contribution, ExtensionPoint, Log, Setup } from '../define/plugin.ts'
import type { Setting, Settings, SettingsStore } from '../define/settings.ts'
import { readEnvironment, type Environment } from './environment.ts'
import { Faults } from '../model/faults.ts'
import { unknownOptions } from '../model/options.ts'
import { SecretError, type createSecrets } from './secrets.ts'

export interface Contributor {
  readonly plugin: AnyPlugin
  readonly contribution: Contribution
}

type Secret = ReturnType<typeof createSecrets>

export interface SetUpParts {
  readonly environment: Environment
  readonly log: Log
  readonly faults: Faults
  readonly secret: Secret
  readonly publicUrl: string
  readonly dataDir: string
}

const isContribution = (value: unknown): value is Contribution => typeof value === 'object' && value !== null && !(value instanceof Promise)

/** The contribution without the entries that are not of its kind; each is a fault. */
const wholeContribution = (owner: string, contribution: Contribution, faults: Faults): Contribution => {
  const only = (list: 'resources' | 'operations' | 'hooks' | 'provides' | 'files' | 'folders', kind: string): object => {
    const given: unknown = contribution[list]
    const isEntry = (entry: unknown): boolean => typeof entry === 'object' && entry !== null
    if (given === undefined || (Array.isArray(given) && given.every(isEntry))) return {}
    const why = Array.isArray(given) && given.includes(undefined) ? ' is undefined; do two files import each other?' : ' is none'
    faults.add(owner, Array.isArray(given) ? `${kind}${why}` : `"${list}" must be an array`)
    return { [list]: Array.isArray(given) ? given.filter(isEntry) : [] }
  }
  return {
    ...contribution, ...only('resources', 'a resource'), ...only('operations', 'an operation'), ...only('hooks', 'a hook'),
    ...only('provides', 'what it provides'), ...only('files', 'a file'),
    ...only('folders', 'a folder'),
  }
}

/**
 * The secrets as plugins see them. A key that is missing or weak is a fault of its variable, told once for all who ask for it;
 * the plugin is given one that is thrown away with everything else, so that its further faults are told too.
 */
export const tellingSecret = (secret: Secret, faults: Faults): Secret => (name) => {
  try {
    return secret(name)
  } catch (error) {
    if (!(error instanceof SecretError)) throw error
    faults.add(error.variable, error.reason)
    return [randomBytes(48)]
  }
}

/**
 * What a plugin reads of the environment, and whether they are all right. One at fault has its default, so that
 * what else is wrong is told too.
 */
const variablesOf = (plugin: AnyPlugin, environment: Environment, faults: Faults): {
  readonly values: object; readonly isRight: boolean
} => {
  if (!plugin.environment) return { values: {}, isRight: true }
  const own = new Faults()
  const values = readEnvironment(plugin.environment, environment, own, `${plugin.name}.environment`)
  return { values, isRight: !own.moveTo(faults) }
}

const metricFault = (plugin: string, name: string, kind: Metric['kind']): string | undefined => {
  const start = `sovrane_${plugin.replaceAll('-', '_')}_`
  if (!name.startsWith(start) || !/^[a-z0-9_]+$/.test(name)) return `the metric "${name}" must begin with ${start}, of a-z 0-9 _`
  return name.endsWith('_total') === (kind === 'counter') ? undefined : `the name of a counter, and no other, ends with _total: "${name}"`
}

/** What each plugin contributes, in the order of set-up. */
export const setUpPlugins = (plugins: readonly AnyPlugin[], { environment, faults, ...given }: SetUpParts): Contributor[] => {
  const services = new Map<AnyPlugin, unknown>()
  const declared = new Map<string, Setting>()
  const figures = new Set<string>()
  const provided = new Map<unknown, Map<string, unknown>>()
  const store: { current?: SettingsStore } = {}
  // What the store holds was checked against the setting's own schema.
  const settings: Settings = { get: <T>(wanted: Setting<T>) => (store.current?.get(wanted.key) ?? wanted.initial) as T }

  const providedTo = (point: unknown): Map<string, unknown> => {
    const known = provided.get(point) ?? new Map<string, unknown>()
    provided.set(point, known)
    return known
  }

  const setUp = (plugin: AnyPlugin): Contribution | undefined => {
    const { values, isRight } = variablesOf(plugin, environment, faults)
    const required = Object.entries(plugin.requires ?? {})
    if (!required.every(([, each]) => services.has(each))) return undefined
    const use = Object.fromEntries(required.map(([name, each]) => [name, services.get(each)]))
    const setup: Setup<object, object> = {
      ...given, environment: values, use, settings, declaredSettings: declared,
      // Only the point's own `of` made what is in it.
      provided: <T>(point: ExtensionPoint<T>) => providedTo(point) as ReadonlyMap<string, T>,
    }
    try {
      const contribution: unknown = plugin.setup(setup)
      if (isContribution(contribution)) return contribution
      faults.add(plugin.name, contribution instanceof Promise
        ? 'setup() is asynchronous; what takes time belongs in start()'
        : 'setup() returns nothing; it must return what the plugin contributes, at least {}')
    } catch (error) {
      // A missing variable, which is a fault already, may be the cause.
      if (isRight) faults.add(plugin.name, error instanceof Error ? error.message : String(error))
    }
    return undefined
  }

  const accept = (plugin: AnyPlugin, contribution: Contribution): void => {
    services.set(plugin, contribution.services)
    for (const { name, kind } of contribution.metrics ?? []) {
      const fault = metricFault(plugin.name, name, kind)
      if (fault !== undefined) faults.add(plugin.name, fault)
      else if (figures.has(name)) faults.add(plugin.name, `the metric "${name}" is declared twice`)
      figures.add(name)
    }
    for (const each of contribution.settings ?? []) {
      if (declared.has(each.key)) faults.add(plugin.name, `the setting "${each.key}" is declared twice`)
      declared.set(each.key, each)
    }
    if (contribution.settingsStore) {
      if (store.current) faults.add(plugin.name, 'another plugin keeps the settings already')
      store.current = contribution.settingsStore
    }
    for (const { point, key, value } of contribution.provides ?? []) {
      const named = key === undefined ? point.kind : `${point.kind} "${key}"`
      if (!plugins.some(({ name }) => name === point.plugin))
        faults.add(plugin.name, `provides the ${named} to the plugin "${point.plugin}", which is not in the app`)
      if (providedTo(point).has(key ?? '')) faults.add(plugin.name, `the ${named} is provided twice`)
      providedTo(point).set(key ?? '', value)
    }
    unknownOptions(plugin.name, 'contribution', contribution, faults)
  }

  return plugins.flatMap((plugin) => {
    const contribution = setUp(plugin)
    if (!contribution) {
      faults.excuseAbsences()
      return []
    }
    const whole = wholeContribution(plugin.name, contribution, faults)
    accept(plugin, whole)
    return [{ plugin, contribution: whole }]
  })
}
