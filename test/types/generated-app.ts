// Writes an app of many resources, for measuring what its types cost the compiler.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface Variant {
  readonly resources: number
  /** Puts each schema through a generic that is constrained by yup's own class, as nobody should. */
  readonly costly?: boolean
  /** The target of the last resource's first relation. */
  readonly lostTo?: string
  /** A file that has a client of the app: `idle` does nothing with it, `busy` calls it a hundred times. */
  readonly client?: 'idle' | 'busy'
}

const define = '../../../core/define'

const costly = `// The mistake: comparing yup's classes structurally.
import type { AnyObject, InferType, ObjectSchema } from 'yup'
export const through = <S extends ObjectSchema<AnyObject>>(schema: S): S => schema
export type Row<S extends ObjectSchema<AnyObject>> = InferType<S>
`

const resource = (index: number, { resources, costly: slow, lostTo }: Variant): string => {
  const other = (step: number): string => `r${(index + step) % resources}`
  const first = lostTo !== undefined && index === resources - 1 ? lostTo : other(1)
  const schema = `object({
    label: label(120).required(),
    code: string().trim().max(${10 + index}).nullable().default(null),
    status: string().oneOf(['open', 'closed']).default('open').required(),
    size: number().integer().min(0).max(${1000 + index}).required(),
    open: boolean().default(false).required(),
    aId: id().nullable().default(null),
    bId: id().nullable().default(null),
    field${index}: string().max(500),
  })`
  return `// Resource ${index} of a generated app.
import { boolean, number, object, string } from 'yup'
import { defineResource, id, label, many, one } from '${define}/index.ts'
${slow === true ? "import { through } from './costly.ts'\nimport type { Row } from './costly.ts'\n" : ''}
export const r${index} = defineResource({
  name: 'r${index}',
  schema: ${slow === true ? `through(${schema})` : schema},
  relations: {
    a: one('${first}', { via: 'aId', permission: 'change-a' }),
    b: one('${other(2)}', { via: 'bId', scope: true }),
    parts: many('${other(resources - 2)}', { inverse: 'b', item: 'part' }),
    links: many('${other(4)}', { through: { table: 'links_${index}' }, item: 'link', field: true }),
  },
  list: { search: ['label'], filter: ['status', 'aId', 'field${index}'], sort: ['label', 'createdAt'] },
  readOnly: ['open'],
  permissions({ allow }, actor) { allow('update', { aId: actor.id }, ['label', 'field${index}']) },
  hooks: { create: { before: ({ input }) => ({ ...input, size: (input.size ?? 0) + 1 }) } },
})
${slow === true ? `export type R${index} = Row<typeof r${index}.schema>\n` : ''}`
}

const app = ({ resources }: Variant): string => {
  const names = Array.from({ length: resources }, (_, index) => `r${index}`)
  const uses = names.map((name, index) => `export const use${index} = ({ row }: Contract['resources']['${name}']):
  [string, number, string | undefined] => [row.label, row.version, row.field${index}]`)
  return `// A generated app.
import { defineApp } from '${define}/app.ts'
import type { ContractOf } from '${define}/contract.ts'
${names.map((name) => `import { ${name} } from './${name}.ts'`).join('\n')}
import { weather } from './weather.ts'

export const app = defineApp({
  resources: [${names.join(', ')}],
  plugins: [weather],
  authority: { actor: 'r0', watch: [], root: 'root', actors: 'select 1', register: () => Promise.resolve() },
  migrations: new URL('./migrations/', import.meta.url),
})
export type Contract = ContractOf<typeof app>
${uses.join('\n')}
`
}

const weather = `// A plugin of a generated app.
import { boolean, number, object, string } from 'yup'
import { definePlugin, operation, rowOf, setting } from '${define}/index.ts'

export const weather = definePlugin({
  name: 'weather',
  setup: () => ({
    extend: { r0: { schema: object({ wet: boolean().default(false) }) } },
    settings: [setting('weather_hours', number().default(3), 'Hours ahead')],
    operations: [operation({
      event: 'weather-forecast', kind: 'query', access: 'session', input: object({ place: string().required() }),
      output: object({ degrees: number().required(), about: rowOf('r0') }),
      handle: () => Promise.resolve({ degrees: 20, about: {} }),
    })],
  }),
})
`

/** Five calls of each of twenty resources. */
const busy = ({ resources }: Variant): string => Array.from({ length: 20 }, (_, turn) => {
  const index = (turn * 7) % resources
  const name = `r${index}`
  return `
  const one${turn} = await client.${name}.get({ id: 'x', include: ['a'] })
  const label${turn}: string | undefined = one${turn}.a?.label
  const filter${turn} = { status: 'open', field${index}: { contains: 'x' } } as const
  const page${turn} = await client.${name}.list({ filter: filter${turn}, sort: '-label', search: 'x' })
  const made${turn} = await client.${name}.create({ label: label${turn} ?? 'x', size: page${turn}.total })
  await client.${name}.update({ id: made${turn}.id, field${index}: 'x', ifVersion: made${turn}.version })
  await client.${name}.addLink({ id: 'x', r${(index + 4) % resources}Id: made${turn}.id })`
}).join('')

const using = (variant: Variant): string => `// Has a client of a generated app.
import type { Client } from '../../../client/index.ts'
import type { Contract } from './app.ts'

interface AppContract extends Contract {}
export const use = async (client: Client<AppContract>): Promise<unknown> => {${variant.client === 'busy' ? busy(variant) : ''}
  return client
}
`

/** Writes the app into a directory of its own beside this file and answers its path and how to remove it. */
export function writeApp(variant: Variant): { directory: string; remove(): void } {
  // A leading dot keeps it out of the compiler's and the linter's way; its own .gitignore, out of git's.
  const directory = fileURLToPath(new URL(`.cost-${process.pid}-${variant.resources}/`, import.meta.url))
  const write = (name: string, text: string): void => writeFileSync(join(directory, name), text)
  mkdirSync(directory, { recursive: true })
  write('.gitignore', '*\n')
  write('tsconfig.json', JSON.stringify({ extends: '../../../tsconfig.json', include: ['./*.ts'] }))
  if (variant.costly === true) write('costly.ts', costly)
  for (let index = 0; index < variant.resources; index++) write(`r${index}.ts`, resource(index, variant))
  write('weather.ts', weather)
  write('app.ts', app(variant))
  if (variant.client !== undefined) write('client.ts', using(variant))
  return { directory, remove: () => rmSync(directory, { recursive: true, force: true }) }
}
