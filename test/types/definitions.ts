// What the compiler must accept in definitions, plugins and apps, and what it must refuse. Compiled by definitions.test.ts; never run.
import { boolean, date, number, object, string } from 'yup'
import {
  AppError, callsOf, conflict, defineApp, definePlugin, defineReasons, defineResource, id, label, many, one, operation,
  type Authority, type Call, type ContractOf, type RowOf,
} from '../../core/define/index.ts'

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false
/** The same names; an intersection's are not the same type to `Equal`. */
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false
const holds = <_T extends true>(): void => undefined

const authority: Authority = {
  actor: 'shelf', watch: [], root: 'root', actors: 'select 1', register: () => Promise.resolve(),
}
const migrations = new URL('migrations/', import.meta.url)

const fields = object({
  label: label(10).required(), size: number().integer().required(), open: boolean().default(false), shelfId: id().nullable().default(null),
})

// A definition is inferred without a word of type.
const book = defineResource({
  name: 'book',
  schema: fields,
  readOnly: ['open'],
  fixed: ['size'],
  relations: {
    shelf: one('shelf', { via: 'shelfId', scope: true }), readers: many('reader', { through: { table: 'book_readers' }, item: 'reader' }),
  },
  list: { search: ['label'], filter: ['size', 'createdAt'], sort: ['label', 'createdAt', 'id'] },
  permissions({ allow, deny }, actor) {
    allow('get', { shelfId: actor.id }, ['label', 'version'])
    deny('delete', { open: true })
    // @ts-expect-error: there is no such action
    allow('read')
    // @ts-expect-error: there is no field "lable"
    allow('get', {}, ['lable'])
  },
  hooks: {
    create: {
      before({ input }) {
        holds<Equal<typeof input.size, number | undefined>>()
        holds<Equal<typeof input.label, string | undefined>>()
        // @ts-expect-error: the input has no field "lable"
        void input.lable
        return { ...input, size: 1 }
      },
    },
    update: {
      before({ input }) {
        holds<Equal<typeof input.id, string>>()
      },
    },
  },
})

const shelf = defineResource({
  name: 'shelf', schema: object({ label: label(10).required(), aboveId: id().nullable().default(null) }), scope: { parent: 'aboveId' },
  relations: {
    above: one('shelf', { via: 'aboveId' }), below: many('shelf', { inverse: 'above' }),
    books: many('book', { inverse: 'shelf', item: 'book', cap: 5 }),
  },
})
const reader = defineResource({
  name: 'reader', schema: object({ label: label(10).required() }), relations: { books: many('book', { inverse: 'readers', item: 'book' }) },
})

// @ts-expect-error: a scope's parent is a field
defineResource({ name: 'a', schema: fields, scope: { parent: 'above' } })
// @ts-expect-error: "lable" is no field
defineResource({ name: 'a', schema: fields, list: { search: ['lable'] } })
// @ts-expect-error: "lable" is no field
defineResource({ name: 'a', schema: fields, list: { filter: ['lable'] } })
// @ts-expect-error: "lable" is no field
defineResource({ name: 'a', schema: fields, list: { sort: ['label', 'lable'] } })
// @ts-expect-error: "lable" is no field
defineResource({ name: 'a', schema: fields, readOnly: ['lable'] })
// @ts-expect-error: "lable" is no field
defineResource({ name: 'a', schema: fields, fixed: ['lable'] })
// @ts-expect-error: there is no action "read"
defineResource({ name: 'a', schema: fields, keys: { read: 'read-a' } })
// @ts-expect-error: a hook gives back the input of its own event
defineResource({ name: 'a', schema: fields, hooks: { create: { before: () => ({ size: 'large' }) } } })
// @ts-expect-error: `committed` cannot replace the output
defineResource({ name: 'a', schema: fields, hooks: { create: { committed: () => ({ id: 'x' }) } } })
// @ts-expect-error: there is no moment "behind"
defineResource({ name: 'a', schema: fields, hooks: { create: { behind: () => undefined } } })
// @ts-expect-error: a to-one relation needs its field
one('shelf', {})

// The input of an operation comes from its schema; a call says in whose name.
const count = operation({
  event: 'book-count',
  kind: 'query',
  access: { key: 'read-books' },
  input: object({ least: number().required(), title: string() }),
  output: object({ count: number().required() }),
  async handle(call) {
    holds<Equal<typeof call.input.least, number>>()
    holds<Equal<typeof call.input.title, string | undefined>>()
    // @ts-expect-error: the input has no field "most"
    void call.input.most
    await call.call('book-get', { id: 'x' }, { as: 'actor' })
    await call.call('book-get', { id: 'x' }, { as: 'system' })
    // @ts-expect-error: it must say in whose name
    await call.call('book-get', { id: 'x' })
    // @ts-expect-error: there are two names to call in
    await call.call('book-get', { id: 'x' }, { as: 'root' })
    return { count: call.input.least }
  },
})

// @ts-expect-error: who may call is written out
operation({ event: 'a', kind: 'query', input: object({}), output: object({}), handle: () => Promise.resolve({}) })
// @ts-expect-error: what it is is written out
operation({ event: 'a', access: 'public', input: object({}), output: object({}), handle: () => Promise.resolve({}) })
// @ts-expect-error: what it replies is written out
operation({ event: 'a', kind: 'query', access: 'public', input: object({}), handle: () => Promise.resolve({}) })

// What `prepare` gives is what `handle` gets.
operation({
  event: 'book-print', kind: 'mutation', access: 'session', input: object({ copies: number().required() }), output: object({}),
  prepare: (call) => Promise.resolve({ paper: call.input.copies * 2 }),
  handle(_call, prepared) {
    holds<Equal<typeof prepared, { paper: number }>>()
    return Promise.resolve({})
  },
})

// `use` holds what was required and nothing else.
const printing = definePlugin({ name: 'printing', setup: () => ({ services: { print: (text: string): number => text.length } }) })
const binding = definePlugin({ name: 'binding', setup: () => ({ services: { bind: (): boolean => true } }) })
definePlugin({
  name: 'publishing',
  requires: { printer: printing },
  environment: object({ PAPER: number().default(80), INK: string() }),
  setup({ use, environment }) {
    holds<Equal<keyof typeof use, 'printer'>>()
    holds<Equal<typeof use.printer.print, (text: string) => number>>()
    holds<Equal<typeof environment.PAPER, number>>()
    holds<Equal<typeof environment.INK, string | undefined>>()
    // @ts-expect-error: it was not required
    void use.binder
    // @ts-expect-error: a printer does not bind
    void use.printer.bind
    // @ts-expect-error: there is no such variable
    void environment.GLUE
    return { operations: [count] }
  },
})

definePlugin({
  name: 'lonely',
  setup({ use }) {
    holds<Equal<keyof typeof use, never>>()
    return {}
  },
})

// A hook of a plugin: `after` may replace the output, `committed` may not.
// @ts-expect-error: a hook says what it is on
definePlugin({ name: 'a', setup: () => ({ hooks: [{ before: () => undefined }] }) })
// @ts-expect-error: `around` gives the output on
definePlugin({ name: 'a', setup: () => ({ hooks: [{ on: 'book-create', around: () => undefined }] }) })

// In an app every relation leads somewhere, also to a resource of a plugin.
const app = defineApp({ resources: [book, shelf, reader], plugins: [printing, binding], authority, migrations })
const libraries = definePlugin({ name: 'libraries', setup: () => ({ resources: [reader] as const }) })
defineApp({ resources: [book, shelf], plugins: [libraries], authority, migrations })

// A link is declared at one end: the other end names that relation, which leads back.
const ends = <const V extends string>(inverse: V) =>
  defineResource({ name: 'page', schema: object({ label: label(10).required() }), relations: { books: many('book', { inverse }) } })
// @ts-expect-error: book has no relation "page"
defineApp({ resources: [book, shelf, reader, ends('page')], plugins: [], authority, migrations })
// @ts-expect-error: book.shelf leads to shelves
defineApp({ resources: [book, shelf, reader, ends('shelf')], plugins: [], authority, migrations })
// @ts-expect-error: the key is named where the link is declared
many('book', { inverse: 'shelf', permission: 'move-books' })
// @ts-expect-error: a relation to many is through a table, or the inverse of another
many('book', { via: 'shelfId' })
// @ts-expect-error: book points to unknown resource "reader"
defineApp({ resources: [book, shelf], plugins: [printing], authority, migrations })

// The contract of an app has plain rows by name.
type Contract = ContractOf<typeof app>
type Book = RowOf<Contract, 'book'>
holds<Equal<keyof Contract['resources'], 'book' | 'shelf' | 'reader'>>()
holds<Equal<Book['label'], string>>()
holds<Equal<Book['size'], number>>()
holds<Equal<Book['open'], boolean>>()
holds<Equal<Book['shelfId'], string | null>>()
holds<Equal<Book['version'], number>>()
holds<Equal<Book['createdAt'], string>>()
holds<Equal<Book['updatedBy'], string | null>>()
// @ts-expect-error: a row has no such field
type _Missing = Book['lable']
// @ts-expect-error: an app has no such resource
type _Unknown = RowOf<Contract, 'magazine'>

// Links that are fields, and what plugins add, are in the row; what is only written is not.
const shop = defineResource({
  name: 'shop',
  schema: object({ label: label(10).required(), openedAt: date().nullable().default(null) }),
  readOnly: ['openedAt'],
  relations: {
    keepers: many('reader', { through: { table: 'shop_keepers' }, field: true, item: 'keeper' }),
    stock: many('book', {
      through: { table: 'stock', columns: object({ shelfId: id().nullable().default(null), rare: boolean().default(false) }) }, field: true,
    }),
    partners: many('shop', {
      through: { table: 'partners', other: 'partner_id', columns: object({ since: string().default('') }) }, item: 'partner', field: true,
    }),
    guests: many('reader', { through: { table: 'guests' } }),
  },
})
const tills = definePlugin({
  name: 'tills',
  setup: () => ({ extend: { shop: {
    schema: object({ pin: string().optional(), takings: number().default(0), closedAt: date().nullable().default(null) }),
    writeOnly: ['pin'], readKeys: { takings: 'read-takings' },
  } } }),
})
const alarms = definePlugin({ name: 'alarms', setup: () => ({
  extend: { shop: { schema: object({ armed: boolean().default(false) }) }, book: { schema: object({ tagged: boolean().default(false) }) } },
}) })
type Chain = ContractOf<ReturnType<typeof chain>>
const chain = () => defineApp({ resources: [shop, book, shelf, reader], plugins: [printing, tills, alarms], authority, migrations })
type Shop = RowOf<Chain, 'shop'>
type Base = 'id' | 'version' | 'createdAt' | 'updatedAt' | 'createdBy' | 'updatedBy'
holds<Same<keyof Shop, Base | 'label' | 'openedAt' | 'keepers' | 'stock' | 'partners' | 'takings' | 'closedAt' | 'armed'>>()
holds<Equal<Shop['openedAt'], string | null>>()
holds<Equal<Shop['keepers'], readonly string[]>>()
type Stock = Exclude<Shop['stock'][number], string>
holds<Equal<Stock['bookId'], string>>()
holds<Equal<Stock['shelfId'], string | null>>()
holds<Equal<Stock['rare'], boolean>>()
holds<Equal<Exclude<Shop['partners'][number], string>['partnerId'], string>>()
holds<Equal<Shop['takings'], number | undefined>>()
holds<Equal<Shop['closedAt'], string | null>>()
holds<Equal<Shop['armed'], boolean>>()
holds<Equal<RowOf<Chain, 'book'>['tagged'], boolean>>()
holds<Equal<keyof RowOf<Chain, 'reader'>, Base | 'label'>>()
// @ts-expect-error: what is only written is read by nobody
type _Pin = Shop['pin']

// The examples of a definition are values of their fields.
defineResource({ name: 'a', schema: fields, examples: { label: (n) => `A ${n.toFixed(0)}`, size: (n) => n } })
// @ts-expect-error: "lable" is no field
defineResource({ name: 'a', schema: fields, examples: { lable: () => 'x' } })
// @ts-expect-error: a size is a number
defineResource({ name: 'a', schema: fields, examples: { size: () => 'large' } })
// @ts-expect-error: there is no option "fields"
many('reader', { through: { table: 't' }, fields: true })

// A reason goes out only if it is declared.
const reasons = defineReasons({ 'shop.closed': ['conflict', 'The shop is closed'] })
reasons['shop.closed']({ until: 'noon' })
conflict({ fields: ['label'] })
// @ts-expect-error: there is no such reason
void reasons['shop.close']
// @ts-expect-error: there is no such code
defineReasons({ 'shop.full': ['full'] })
// @ts-expect-error: a text is no reason
conflict({ reason: 'shop.closed' })
// @ts-expect-error: nor in an error made by hand
void new AppError('forbidden', { details: { reason: 'shop.closed' } })
// @ts-expect-error: nor beside another
reasons['shop.closed']({ reason: 'shop.open' })

/** A call's payload cannot be written to. */
export const read = (call: Call): void => {
  // @ts-expect-error: what a client sent stays as it is
  call.input['label'] = 'x'
  // @ts-expect-error: the row before stays as it was
  if (call.before) call.before['label'] = 'x'
}

// Calls of operations by the parts that a plugin knows: their payloads, and replies that follow `include`.
const books = callsOf({ resources: [book, shelf, reader] })
definePlugin({ name: 'lending', setup: () => ({ hooks: [{ on: 'book-create', async after(call) {
  const row = await books(call, 'book-get', { id: 'x', include: ['shelf'] }, { as: 'actor' })
  holds<Equal<typeof row.size, number>>()
  holds<Equal<NonNullable<typeof row.shelf>['label'], string>>()
  const page = await books(call, 'shelf-list-request', { limit: 5 }, { as: 'system' })
  holds<Equal<(typeof page.items)[number]['aboveId'], string | null>>()
  // @ts-expect-error: there is no event "book-gets"
  await books(call, 'book-gets', { id: 'x' }, { as: 'actor' })
  // @ts-expect-error: the payload has no field "lable"
  await books(call, 'book-update', { id: 'x', lable: 'y' }, { as: 'actor' })
  // @ts-expect-error: a size is a number
  await books(call, 'book-create', { label: 'x', size: '1' }, { as: 'actor' })
  // @ts-expect-error: in whose rights it is called is said
  await books(call, 'book-get', { id: 'x' })
  // @ts-expect-error: the row has no field "lable"
  void row.lable
} }] }) })
