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
  const uses = names.map((name, index) =>
    `export const use${index} = (rows: Contract): [string, number, string | undefined] => [rows.${name}.label, rows.${name}.version, rows.${name}.field${index}]`)
  return `// A generated app.
import { defineApp } from '${define}/app.ts'
import type { ContractOf } from '${define}/contract.ts'
${names.map((name) => `import { ${name} } from './${name}.ts'`).join('\n')}

export const app = defineApp({
  resources: [${names.join(', ')}],
  plugins: [],
  authority: { actor: 'r0', watch: [], root: 'root', actors: 'select 1', register: () => Promise.resolve() },
  migrations: new URL('./migrations/', import.meta.url),
})
export type Contract = ContractOf<typeof app>
${uses.join('\n')}
`
}

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
  write('app.ts', app(variant))
  return { directory, remove: () => rmSync(directory, { recursive: true, force: true }) }
}
