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

  const chain = async (): Promise<Stored[]> => (await world.entries()).toSorted((a, b) => Number(a.pos) - Number(b.pos))
  const at = async (index: number): Promise<Stored> => {
    const found = (await chain()).at(index)
    if (!found) throw new Error('there are too few entries')
    return found
  }

  const guarded = ['audit_entries', 'audit_seals']

  /** Changes the tables as their owner could, looks, and puts everything back. */
  const altered = async (...statements: readonly string[]) => {
    const tables = [...guarded, 'audit_unsealed', 'audit_head', 'audit_anchors']
    for (const table of tables) await world.sql(`create table copy_${table} as select * from ${table}`)
    for (const table of guarded) await world.sql(`alter table ${table} disable trigger user`)
    try {
      for (const statement of statements) await world.sql(statement)
      return await world.verdict()
    } finally {
      for (const table of tables) {
        await world.sql(`delete from ${table}`)
        await world.sql(`insert into ${table} select * from copy_${table}`)
        await world.sql(`drop table copy_${table}`)
      }
      for (const table of guarded) await world.sql(`alter table ${table} enable trigger user`)
      expect(await world.verdict()).to.deep.include({ ok: true })
    }
  }

  it('an untouched log verifies, whole', async () => {
    const count = (await world.entries()).length
    expect(await world.verdict()).to.deep.equal({ ok: true, checked: count })
    expect((await chain()).map(({ pos }) => pos)).to.deep.equal(Array.from({ length: count }, (_, index) => index + 1))
  })

  it('the tables refuse update, delete and truncate', async () => {
    const { id } = await at(3)
    for (const table of guarded) {
      const [partition] = await world.sql<{ name: string }>(
        'select inhrelid::regclass::text as name from pg_inherits where inhparent = ?::regclass order by 1 limit 1', [table])
      const name = partition?.name ?? ''
      for (const statement of [
        `update ${table} set at = at`, `delete from ${table} where id = '${id}'`, `truncate ${table}`, `truncate ${name}`,
      ]) expect(await messageOf(() => world.sql(statement)), statement).to.include('append-only')
      expect(await messageOf(() => world.sql(`delete from ${name} where id = '${id}'`))).to.include('append-only')
    }
    for (const change of ["seal = 'x'", 'pos = 1']) {
      expect(await messageOf(() => world.sql(`update audit_seals set ${change} where id = '${id}'`))).to.include('append-only')
    }
    expect(await messageOf(() => world.sql(`insert into audit_seals select at, id, 1000, 'x' from audit_seals where id = '${id}'`)))
      .to.include('audit_seals')
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

  it('finds a time that was changed: of the entry, of its seal, of both; in the middle and at the end', async () => {
    for (const { id } of [await at(5), await at(-1)]) {
      const change = (table: string): string => `update ${table} set at = at + interval '1 ms' where id = '${id}'`
      for (const tables of [['audit_entries'], ['audit_seals'], guarded]) {
        expect(await altered(...tables.map(change)), tables.join()).to.deep.include({ ok: false, firstBroken: id, reason: 'resealed' })
      }
    }
  })

  it('finds an id that was changed: of the entry, of its seal, of both', async () => {
    const [{ id }, next] = [await at(5), await at(6)]
    const change = (table: string): string => `update ${table} set id = 'zz' where id = '${id}'`
    for (const tables of [['audit_entries'], guarded])
      expect(await altered(...tables.map(change)), tables.join()).to.deep.include({ ok: false, firstBroken: 'zz', reason: 'edited' })
    expect(await altered(change('audit_seals'))).to.deep.include({ ok: false, firstBroken: next.id, reason: 'missing' })
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

  it('finds a seal that was deleted, with its entry or without', async () => {
    const [first, second, middle, next, last, before] = [await at(0), await at(1), await at(5), await at(6), await at(-1), await at(-2)]
    for (const [gone, found, reason] of [[first, second, 'missing'], [middle, next, 'missing'], [last, before, 'cut']] as const) {
      const seal = `delete from audit_seals where id = '${gone.id}'`
      for (const statements of [[seal], [seal, `delete from audit_entries where id = '${gone.id}'`]])
        expect(await altered(...statements), statements.join()).to.deep.include({ ok: false, firstBroken: found.id, reason })
    }
    expect(await altered('delete from audit_seals')).to.deep.include({ ok: false, reason: 'cut' })
  })

  it('finds a seal that was changed', async () => {
    const [middle, last] = [await at(5), await at(-1)]
    for (const change of ["seal = 'x'", `seal = (select seal from audit_seals where pos = ${String(Number(middle.pos) - 1)})`]) {
      expect(await altered(`update audit_seals set ${change} where id = '${middle.id}'`)).to.deep.include({
        ok: false, firstBroken: middle.id, reason: 'resealed', checked: 6,
      })
    }
    expect(await altered(`update audit_seals set pos = pos + 1 where id = '${last.id}'`)).to.deep.include({
      ok: false, firstBroken: last.id, reason: 'missing',
    })
  })

  it('finds an entry that has two seals', async () => {
    const [middle, last] = [await at(5), await at(-1)]
    const again = (pos: number): string => `insert into audit_seals select at, id, ${pos}, seal from audit_seals where id = '${middle.id}'`
    await world.sql('alter table audit_seals drop constraint audit_seals_pkey')
    try {
      expect(await altered(again(Number(middle.pos)))).to.deep.include({ ok: false, firstBroken: middle.id })
      for (const pos of [0, Number(last.pos) + 1]) {
        expect(await altered(again(pos)), String(pos)).to.deep.include({ ok: false, firstBroken: middle.id })
      }
    } finally {
      await world.sql('alter table audit_seals add primary key (id, at)')
    }
  })

  it('is not deceived by the seal of no entry', async () => {
    const [middle, next, last] = [await at(5), await at(6), await at(-1)]
    const made = (pos: number): string => `insert into audit_seals select at, 'zz-made-up', ${pos}, seal from audit_seals where pos = 1`
    for (const pos of [0, 1, Number(last.pos), Number(last.pos) + 1]) expect(await altered(made(pos))).to.deep.include({ ok: true })
    expect(await altered(`delete from audit_seals where id = '${middle.id}'`, made(Number(middle.pos)))).to.deep.include({
      ok: false, firstBroken: next.id, reason: 'missing',
    })
  })

  it('finds a deletion whose gap was closed', async () => {
    const [middle, next] = [await at(5), await at(6)]
    expect(
      await altered(
        `delete from audit_entries where id = '${middle.id}'`,
        `delete from audit_seals where id = '${middle.id}'`, `update audit_seals set pos = pos - 1 where pos > ${String(middle.pos)}`,
      ),
    )
      .to.deep.include({ ok: false, firstBroken: next.id, reason: 'resealed' })
  })

  it('finds a reordering', async () => {
    const [one, two] = [await at(4), await at(5)]
    const [a, b] = [Number(one.pos), Number(two.pos)]
    for (const columns of ['pos = v.pos', 'seal = v.seal', 'pos = v.pos, seal = v.seal']) {
      const values = `(values ('${one.id}', ${b}, '${text(two.seal)}'), ('${two.id}', ${a}, '${text(one.seal)}')) v(id, pos, seal)`
      const first = columns.startsWith('pos') ? two : one
      expect(await altered(`update audit_seals s set ${columns} from ${values} where s.id = v.id`)).to.deep.include({
        ok: false, firstBroken: first.id, reason: 'resealed',
      })
    }
  })

  /** Puts a copy of an entry into the log, with a seal at the position unless that is undefined; never into the queue. */
  const copy = (from: Stored, changes: Record<string, string>, pos?: string): string[] => {
    const names =
      [
        'at', 'id', 'actor_id', 'actor_type', 'action', 'level', 'category', 'target_type', 'target_id', 'details', 'ip_address',
        'user_agent', 'request_id', 'mac',
      ]
    const values = (columns: readonly string[]): string => columns.map((name) => changes[name] ?? name).join(', ')
    const entry = `insert into audit_entries (${names.join(', ')}) select ${values(names)} from audit_entries where id = '${from.id}'`
    return pos === undefined ? [entry]
      : [entry, `insert into audit_seals (at, id, pos, seal) select ${values(['at', 'id'])}, ${pos}, seal from audit_seals where id = '${from.id}'`]
  }

  it('finds an insertion: between others, at the end, before the beginning, and one that has no seal', async () => {
    const [middle, last] = [await at(5), await at(-1)]
    for (const [place, reason] of [
      [String(middle.pos), 'inserted'], [String(Number(last.pos) + 1), 'edited'], ['0', 'inserted'], ['-7', 'inserted'],
    ] as const) {
      expect(await altered(...copy(middle, { id: "'zz-made-up'" }, place)), place).to.deep.include({
        ok: false, firstBroken: 'zz-made-up', reason,
      })
    }
    expect(await altered(...copy(middle, { id: "'zz-made-up'" }))).to.deep.include({
      ok: false, firstBroken: 'zz-made-up', reason: 'edited',
    })
  })

  it('finds an entry that was copied whole, with a seal and without', async () => {
    const [middle, last] = [await at(5), await at(-1)]
    const later = { at: "at + interval '1 second'" }
    expect(await altered(...copy(middle, later))).to.deep.include({ ok: false, firstBroken: middle.id, reason: 'copied' })
    expect(await altered(...copy(middle, later, String(Number(last.pos) + 1)))).to.deep.include({
      ok: false, firstBroken: middle.id, reason: 'copied',
    })
  })

  it('tells of an entry that is in no queue, once it has waited for long', async () => {
    const id = '00000000-0000-7000-8000-000000000000'
    const entry = { id, actorId: null, actorType: 'system' as const, action: 'x',
      level: 'info' as const, category: 'x', targetType: null, targetId: null, details: {}, ipAddress: null,
      userAgent: null, requestId: null }
    const mac = world.signer.sign({ kind: 'entry', entry })
    const put = (age: number): string => `insert into audit_entries (at, id, actor_type, action, level, category, details, mac)
      values (now() - interval '${age} seconds', '${id}', 'system', 'x', 'info', 'x', '{}', '${mac}')`
    expect(await altered(put(0))).to.deep.include({ ok: true })
    expect(await altered(put(31))).to.deep.include({ ok: false, firstBroken: id, reason: 'unsealed' })
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
