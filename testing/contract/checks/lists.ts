// Checks of lists: pages, cursors, order, search and what is refused. The table itself, read by SQL, is the oracle.
import { expect } from 'chai'
import { before, it } from '../../runner.ts'
import type { Field, Resource } from '../../../core/model/resource.ts'
import { refusal, type Row } from '../transport.ts'
import { isValid } from '../values.ts'
import {
  allRows, ask, create, createRow, fullPayload, idsInTable, next, ok, uniqueFields, valueFor, type Later, type World,
} from '../world.ts'

export const idsOf = (items: unknown): string[] => (items as Row[]).map((row) => String(row['id']))

/** A column in the order of lists: text for people as ICU has it, ids and what the server writes as the database has them. */
export const inOrder = (field: Field): string => {
  const isText = field.schema.type === 'string' && !field.date && !field.base
    && (field.schema.spec.meta as { text?: string } | undefined)?.text !== 'id'
  return `"${field.column}"${isText ? ' collate "und-x-icu"' : ''}`
}

const fieldOf = (resource: Resource, name: string): Field => {
  const found = resource.fields.get(name)
  if (!found) throw new Error(`There is no field "${name}"`)
  return found
}

const sortable = (resource: Resource): string[] => ['id', ...resource.list.sort]

/** Rows with equal values, with nulls, and with values that differ: what orders and filters must cope with. */
const variedRows = async (world: World, resource: Resource): Promise<void> => {
  const unique = await uniqueFields(world, resource)
  for (const n of [0, 1, 2, 0, 1]) {
    const row: Record<string, unknown> = await fullPayload(world, resource)
    for (const name of [...resource.list.filter, ...resource.list.sort]) {
      const field = resource.fields.get(name)
      if (!field || row[name] === undefined || unique.includes(field) || field.source !== 'column') continue
      row[name] = n === 2 && isValid(field.schema, null) ? null : await valueFor(world, resource, name, n)
    }
    await create(world, resource, row)
  }
}

/** Walks a list to its end, by `after` or by `page`. */
const walk = async (world: World, event: string, request: Row, by: 'after' | 'page'): Promise<string[]> => {
  const ids: string[] = []
  let position: Row = {}
  for (let page = 1; ; page += 1) {
    const reply = await ok(world, event, { ...request, ...position })
    ids.push(...idsOf(reply['items']))
    if (reply['next'] === undefined) return ids
    expect(reply['next']).to.be.a('string')
    position = by === 'after' ? { after: reply['next'] } : { page: page + 1 }
  }
}

/** Values that are no page, no order and no search of any list. */
const wrongRequests: readonly Row[] = [
  { page: 0 }, { page: -1 }, { page: 1.5 }, { page: '1' }, { page: null }, { limit: 0 }, { limit: 101 }, { limit: '20' }, { limit: 2.5 },
  { search: 42 }, { search: 'x'.repeat(201) }, { sort: 'nonsense' }, { sort: '-nonsense' }, { sort: '' }, { sort: 42 },
  { sort: ['createdAt', null] }, { sort: {} },
  { filter: 'x' }, { filter: [] }, { filter: null }, { filter: { nonsense: 1 } }, { after: '' }, { after: 'nonsense' }, { after: 42 },
  { after: Buffer.from('{"f":"x","v":[]}').toString('base64url') }, { include: 'site' }, { include: ['nonsense'] }, { include: [42] },
]

export const listChecks = (later: Later, resource: Resource): void => {
  const event = `${resource.name}-list-request`

  before(() => variedRows(later(), resource))

  it('lists every row once, with an exact total, in the order of creation', async () => {
    const world = later()
    const wanted = await idsInTable(world, resource)
    const reply = await ok(world, event, {})
    expect(reply).to.include({ page: 1, limit: 20, total: wanted.length })
    expect(idsOf(reply['items'])).to.deep.equal(wanted.slice(0, 20))
    expect('next' in reply).to.equal(wanted.length > 20)
    const rows = await allRows(world, resource)
    expect(rows.map((row) => row['id'])).to.deep.equal(wanted)
    const last = rows.at(-1) ?? {}
    expect(await ok(world, `${resource.name}-get`, { id: last['id'] })).to.deep.equal(last)
  })

  it('gives the same rows by pages and by after, in every order that is allowed', async () => {
    const world = later()
    const { knex } = world.server.database
    for (const name of sortable(resource)) {
      for (const direction of ['asc', 'desc'] as const) {
        const sort = direction === 'asc' ? name : `-${name}`
        const rows: { id: string }[] =
          await knex(resource.table).select('id').orderByRaw(`${inOrder(fieldOf(resource, name))} ${direction}, id ${direction}`)
        const request = { sort, limit: Math.min(100, Math.ceil(rows.length / 3)) }
        const wanted = rows.map((row) => row.id)
        expect(await walk(world, event, request, 'page'), `${sort} by page`).to.deep.equal(wanted)
        expect(await walk(world, event, request, 'after'), `${sort} by after`).to.deep.equal(wanted)
      }
    }
  })

  it('sorts by several fields, and walks in that order too', async () => {
    const world = later()
    const sort = sortable(resource).filter((name) => name !== 'id').slice(0, 3).map((name, index) => (index % 2 === 0 ? `-${name}` : name))
    const limit = Math.min(100, Math.ceil((await idsInTable(world, resource)).length / 3))
    const order = [...sort, sort.at(-1)?.startsWith('-') === true ? '-id' : 'id'].map((name) =>
      `${inOrder(fieldOf(resource, name.replace('-', '')))} ${name.startsWith('-') ? 'desc' : 'asc'}`)
    const rows: { id: string }[] = await world.server.database.knex(resource.table).select('id').orderByRaw(order.join(', '))
    for (const by of ['page', 'after'] as const)
      expect(await walk(world, event, { sort, limit }, by), by).to.deep.equal(rows.map((row) => row.id))
  })

  it('goes on from a cursor although rows have come and gone', async () => {
    const world = later()
    const wanted = await idsInTable(world, resource)
    const first = await ok(world, event, { limit: 2 })
    const last = (await createRow(world, resource))['id']
    const rest = await ok(world, event, { limit: 2, after: first['next'] })
    expect(idsOf(rest['items'])).to.deep.equal(wanted.slice(2, 4))
    expect(rest['total']).to.equal(wanted.length + 1)
    await ok(world, `${resource.name}-delete`, { id: last })
  })

  it('gives an empty page beyond the end', async () => {
    const reply = await ok(later(), event, { page: 1000, limit: 100 })
    expect(reply['items']).to.deep.equal([])
    expect(reply).to.not.have.property('next')
    expect(reply['total']).to.be.greaterThan(0)
  })

  it('refuses a wrong page, order, filter and cursor', async () => {
    const world = later()
    for (const request of wrongRequests) {
      const { details } = refusal(await ask(world, event, request), 'invalid_payload', `${event} ${JSON.stringify(request).slice(0, 80)}`)
      const [name = ''] = Object.keys(request)
      for (const { path } of details as { path: string }[])
        expect(path, JSON.stringify(request).slice(0, 80)).to.match(new RegExp(`^${name}($|[.[])`))
    }
    const closed = [...resource.fields.keys()].filter((name) => !sortable(resource).includes(name))
    for (const name of closed)
      for (const sort of [name, `-${name}`]) refusal(await ask(world, event, { sort }), 'invalid_payload', `sort by ${sort}`)
  })

  it('refuses a cursor with a page, or of another list', async () => {
    const world = later()
    const { next: after } = await ok(world, event, { limit: 1 })
    const others = [
      { page: 1 }, { sort: '-createdAt' }, ...(resource.list.search.size > 0 ? [{ search: 'a' }] : []),
      ...(resource.list.filter.has('createdAt') ? [{ filter: { createdAt: { gt: '2020-01-01' } } }] : []),
    ]
    for (const other of others)
      refusal(await ask(world, event, { limit: 1, after, ...other }), 'invalid_payload', `after with ${JSON.stringify(other)}`)
  })

  const searched = [...resource.list.search]
  if (searched.length === 0) {
    it('refuses a search', async () => void refusal(await ask(later(), event, { search: 'a' }), 'invalid_payload', 'search'))
    return
  }
  it(`searches in ${searched.join(', ')}, whatever the case, and nowhere else`, async () => {
    const world = later()
    await createRow(world, resource)
    const rows = await allRows(world, resource)
    const holds = (value: unknown, search: string): boolean =>
      typeof value === 'string' && value.toLowerCase().includes(search.toLowerCase())
    const found = (search: string): unknown[] =>
      rows.filter((row) => searched.some((name) => holds(row[name], search))).map((row) => row['id'])
    const some = searched.flatMap((name) => {
      const text = String(rows.findLast((row) => row[name] !== null)?.[name])
      return [text, text.toUpperCase(), text.toLowerCase(), text.slice(1, 4), text.slice(-3)]
    })
    for (const search of [...some, '%', '_', '\\', "'", 'no such text', `no-${next()}`]) {
      const reply = await ok(world, event, { search, limit: 100 })
      expect(reply['total'], search).to.equal(found(search).length)
      expect(idsOf(reply['items']), search).to.deep.equal(found(search).slice(0, 100))
    }
  })
}
