// The log refuses to be changed; changed nevertheless, by the table's owner, it shows where.
import { expect } from 'chai'
import { messageOf } from '../db/support.ts'
import { onAnyDatabase } from '../kit/databases.ts'
import { AuditWorld, text, type Stored } from './audit-world.ts'

onAnyDatabase('audit: tampering', (kind) => {
  const world = new AuditWorld(kind)
  before(async () => {
    await world.open()
    for (let index = 0; index < 12; index += 1) await world.ok('site-create', { label: `Site ${index}` }, world.admin)
    await world.services.seal()
  })
  after(() => world.close())

  const chain = async (): Promise<Stored[]> => (await world.entries()).toSorted((a, b) => Number(a.seal_pos) - Number(b.seal_pos))
  const at = async (index: number): Promise<Stored> => {
    const found = (await chain()).at(index)
    if (!found) throw new Error('there are too few entries')
    return found
  }

  /** Changes the table as its owner could, looks, and puts everything back. */
  const altered = async (...statements: readonly string[]) => {
    const tables = ['audit_entries', 'audit_head', 'audit_anchors']
    for (const table of tables) await world.sql(`create table copy_${table} as select * from ${table}`)
    await world.sql('alter table audit_entries disable trigger user')
    try {
      for (const statement of statements) await world.sql(statement)
      return await world.verdict()
    } finally {
      for (const table of tables) {
        await world.sql(`delete from ${table}`)
        await world.sql(`insert into ${table} select * from copy_${table}`)
        await world.sql(`drop table copy_${table}`)
      }
      await world.sql('alter table audit_entries enable trigger user')
      expect(await world.verdict()).to.deep.include({ ok: true })
    }
  }

  it('an untouched log verifies, whole', async () => {
    const count = (await world.entries()).length
    expect(await world.verdict()).to.deep.equal({ ok: true, checked: count })
    expect((await chain()).map(({ seal_pos: pos }) => pos)).to.deep.equal(Array.from({ length: count }, (_, index) => index + 1))
  })

  it('the table refuses update, delete and truncate', async () => {
    const { id } = await at(3)
    for (const statement of [
      "update audit_entries set level = 'info'", `delete from audit_entries where id = '${id}'`, 'truncate audit_entries',
      `update audit_entries set seal = 'x' where id = '${id}'`, `update audit_entries set seal_pos = null, seal = null where id = '${id}'`,
    ]) expect(await messageOf(() => world.sql(statement)), statement).to.include('append-only')
    const [partition] = await world.sql<{ name: string }>(
      "select inhrelid::regclass::text as name from pg_inherits where inhparent = 'audit_entries'::regclass limit 1",
    )
    expect(await messageOf(() => world.sql(`truncate ${partition?.name ?? ''}`))).to.include('append-only')
    expect(await messageOf(() => world.sql(`delete from ${partition?.name ?? ''}`))).to.be.a('string')
    expect(await world.verdict()).to.deep.include({ ok: true })
  })

  const edits = ["level = 'info', action = 'site-get'", "details = '{}'", "actor_id = 'somebody'", 'ip_address = null', "category = 'x'", "target_id = 'x'", "request_id = 'x'", "user_agent = 'x'", "actor_type = 'system'", "mac = 'x'"]
  for (const edit of edits) {
    it(`finds an edit: ${edit}`, async () => {
      const { id } = await at(5)
      expect(await altered(`update audit_entries set ${edit} where id = '${id}'`)).to.deep.include({
        ok: false, firstBroken: id, reason: 'edited', checked: 6,
      })
    })
  }

  it('finds a time that was changed', async () => {
    const { id } = await at(5)
    expect(await altered(`update audit_entries set at = at + interval '1 ms' where id = '${id}'`)).to.deep.include({
      ok: false, firstBroken: id, reason: 'resealed',
    })
  })

  it('finds a deletion, at the beginning, in the middle and at the end', async () => {
    const [first, second, middle, next, last, before] = [await at(0), await at(1), await at(5), await at(6), await at(-1), await at(-2)]
    expect(await altered(`delete from audit_entries where id = '${first.id}'`)).to.deep.include({
      ok: false, firstBroken: second.id, reason: 'missing',
    })
    expect(await altered(`delete from audit_entries where id = '${middle.id}'`)).to.deep.include({
      ok: false, firstBroken: next.id, reason: 'missing',
    })
    expect(await altered(`delete from audit_entries where id = '${last.id}'`)).to.deep.include({
      ok: false, firstBroken: before.id, reason: 'cut',
    })
    expect(await altered('delete from audit_entries')).to.deep.include({ ok: false, reason: 'cut' })
  })

  it('finds a deletion whose gap was closed', async () => {
    const [middle, next] = [await at(5), await at(6)]
    expect(
      await altered(
        `delete from audit_entries where id = '${middle.id}'`,
        `update audit_entries set seal_pos = seal_pos - 1 where seal_pos > ${String(middle.seal_pos)}`,
      ),
    )
      .to.deep.include({ ok: false, firstBroken: next.id, reason: 'resealed' })
  })

  it('finds a reordering', async () => {
    const [one, two] = [await at(4), await at(5)]
    const [a, b] = [Number(one.seal_pos), Number(two.seal_pos)]
    for (const columns of ['seal_pos = v.pos', 'seal_pos = v.pos, seal = v.seal']) {
      const values = `(values ('${one.id}', ${b}, '${text(two.seal)}'), ('${two.id}', ${a}, '${text(one.seal)}')) v(id, pos, seal)`
      expect(await altered(`update audit_entries e set ${columns} from ${values} where e.id = v.id`)).to.deep.include({
        ok: false, firstBroken: two.id, reason: 'resealed',
      })
    }
  })

  const copy = (from: Stored, changes: Record<string, string>): string => {
    const names =
      [
        'at', 'id', 'actor_id', 'actor_type', 'action', 'level', 'category', 'target_type', 'target_id', 'details', 'ip_address',
        'user_agent', 'request_id', 'mac', 'seal_pos', 'seal',
      ]
    return `insert into audit_entries (${names.join(', ')}) select ${names.map((name) => changes[name] ?? name)
      .join(', ')} from audit_entries where id = '${from.id}'`
  }

  it('finds an insertion: between others, at the end, before the beginning, and one that waits for its seal', async () => {
    const [middle, last] = [await at(5), await at(-1)]
    for (const [place, reason] of [
      [String(middle.seal_pos), 'inserted'], [String(Number(last.seal_pos) + 1), 'edited'], ['0', 'inserted'], ['-7', 'inserted'],
    ] as const) {
      expect(await altered(copy(middle, { id: "'zz-made-up'", seal_pos: place })), place).to.deep.include({
        ok: false, firstBroken: 'zz-made-up', reason,
      })
    }
    expect(await altered(copy(middle, { id: "'zz-made-up'", seal_pos: 'null', seal: 'null' }))).to.deep.include({
      ok: false, firstBroken: 'zz-made-up', reason: 'edited',
    })
  })

  it('finds an entry that was copied whole', async () => {
    const middle = await at(5)
    expect(await altered(copy(middle, { at: "at + interval '1 second'", seal_pos: 'null', seal: 'null' }))).to.deep.include({
      ok: false, firstBroken: middle.id, reason: 'copied',
    })
  })

  it('finds a head that was taken away or made up, and an end cut off with its head', async () => {
    expect(await altered('delete from audit_head')).to.deep.include({ ok: false, reason: 'head' })
    expect(await altered('update audit_head set pos = pos - 1')).to.deep.include({ ok: false, reason: 'head' })
    const last = await at(-1)
    expect(await altered(`delete from audit_entries where id = '${last.id}'`, 'delete from audit_head')).to.deep.include({
      ok: false, reason: 'head',
    })
  })

  it('goes on telling of a lost head after the sealer has gone on', async () => {
    await world.sql('create table kept_head as select * from audit_head')
    await world.sql('delete from audit_head')
    await world.ok('site-create', { label: 'After the loss' }, world.admin)
    await world.services.seal()
    const last = await at(-1)
    expect(await world.verdict()).to.deep.include({ ok: false, firstBroken: last.id, reason: 'missing' })
  })
})
