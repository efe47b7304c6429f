// The environment variables that an app reads, with their defaults.
import { schemaFields } from '../../core/model/fields.ts'
import { variables } from '../../core/boot/variables.ts'
import type { AnyPlugin } from '../../core/define/plugin.ts'
import { sources } from '../architecture/sources.ts'

/** Every variable that core or a plugin of the app reads, with its default as text; empty without one. */
export const variablesOf = (app: { readonly plugins: readonly AnyPlugin[] }): ReadonlyMap<string, string> => new Map([
  ...[variables, ...app.plugins.flatMap(({ environment }) => environment ?? [])].flatMap(schemaFields)
    .map(([name, field]): [string, string] => [name, String(field.getDefault() ?? '')]),
  ...sources().filter(({ path }) => app.plugins.some(({ name }) => path.startsWith(`plugins/${name}/`)))
    .flatMap(({ text }) => [...text.matchAll(/\bsecret\('(\w+)'\)/g)].map(([, name = '']): [string, string] => [name, ''])),
])
