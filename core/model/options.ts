// The options that each kind of definition has. One that is misspelt would have no effect, and no one would notice.
import type { AppDefinition } from '../define/app.ts'
import type { Hook, TargetedHook } from '../define/call.ts'
import type { OperationDefinition } from '../define/operation.ts'
import type { Contribution, Extension, PluginDefinition } from '../define/plugin.ts'
import type { Inverse, Link, Many, One } from '../define/relations.ts'
import type { ListOptions, ResourceDefinition } from '../define/resource.ts'
import type { AnySchema } from '../define/schema.ts'
import type { Authority } from '../define/rights.ts'
import type { Faults } from './faults.ts'

/** Every option by name: the compiler complains of one that is missing here. */
type Names<T> = Readonly<Record<keyof T, true>>

const app: Names<AppDefinition> = { resources: true, plugins: true, authority: true, migrations: true }
const authority: Names<Authority> = { actor: true, watch: true, root: true, stamped: true, actors: true, origins: true, register: true }
const resource: Names<ResourceDefinition> = {
  name: true, plural: true, schema: true, readOnly: true, fixed: true, relations: true, list: true, scope: true, events: true, keys: true,
  permissions: true, guard: true, reasons: true, hooks: true, operations: true, model: true, examples: true, unique: true,
  otherColumns: true,
}
const list: Names<ListOptions> = { search: true, filter: true, sort: true }
const one: Names<One> = { kind: true, target: true, via: true, permission: true, acyclic: true, scope: true, events: true }
const many: Names<Many> = {
  kind: true, target: true, through: true, item: true, permission: true, field: true, cap: true, holds: true,
}
const inverse: Names<Inverse> = { kind: true, target: true, inverse: true, item: true, cap: true }
const link: Names<Link> = { table: true, own: true, other: true, columns: true, onTargetDelete: true }
const hook: Names<Hook> = { around: true, prepare: true, before: true, after: true, committed: true }
const pluginHook: Names<TargetedHook> = { ...hook, on: true }
const plugin: Names<PluginDefinition<string, AnySchema, Record<never, never>, unknown>> = {
  name: true, requires: true, after: true, environment: true, migrations: true, commands: true, setup: true,
}
const contribution: Names<Contribution> = {
  resources: true, extend: true, operations: true, hooks: true, permissions: true, reasons: true, authenticator: true, settings: true,
  settingsStore: true, mayListen: true, onChange: true, onReset: true, metrics: true, broadcasts: true, files: true, folders: true,
  pages: true, provides: true, services: true, start: true, stop: true,
}
const extension: Names<Extension> = { schema: true, readOnly: true, writeOnly: true, readKeys: true, stored: true }
const operation: Names<OperationDefinition> = {
  event: true, about: true, kind: true, access: true, input: true, secret: true, row: true, tags: true, output: true, errors: true,
  changes: true, authorise: true, prepare: true, handle: true,
}

const kinds = { app, authority, resource, list, one, many, inverse, link, hook, pluginHook, plugin, contribution, extension, operation }

const plain = (name: string): string => name.toLowerCase().replaceAll(/[^a-z]/g, '')

/** Tells of options that there are not, with the one that is spelt alike but for case and dashes. */
export const unknownOptions = (place: string, kind: keyof typeof kinds, definition: object, faults: Faults): void => {
  const known = Object.keys(kinds[kind])
  for (const name of Object.keys(definition)) {
    if (known.includes(name)) continue
    const near = known.find((each) => plain(each) === plain(name))
    faults.add(place, near === undefined
      ? `unknown option "${name}"; the options are ${known.join(', ')}`
      : `unknown option "${name}"; it is called "${near}"`)
  }
}
