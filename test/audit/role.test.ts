// The database role of docs/audit.md: it can write, seal and read entries, and nothing else.
import { readFile } from 'node:fs/promises'
import { expect } from 'chai'
import { messageOf } from '../db/support.ts'
import { onEachDatabase } from '../kit/databases.ts'
import { AuditWorld } from './audit-world.ts'

onEachDatabase('audit: a role of its own', (kind) => {
  if (kind === 'embedded') return void it('the embedded database has no roles')
  const world = new AuditWorld(kind)
  const role = `sovrane_app_${process.pid}`
  before(async () => {
    await world.open()
    const page = await readFile(new URL('../../docs/audit.md', import.meta.url), 'utf8')
    const sql = /```sql\n(.*?)```/s.exec(page)?.[1] ?? ''
    expect(sql).to.include('sovrane_app')
    await world.sql(`create role ${role}`)
    await world.sql(sql.replaceAll('sovrane_app', role))
  })
  after(async () => {
    await world.sql(`drop owned by ${role}`)
    await world.sql(`drop role ${role}`)
    await world.close()
  })

  /** In a transaction as the role; the answer is the error's message. */
  const as = (...statements: readonly string[]): Promise<unknown> => world.db.transaction(async (trx) => {
    await trx.raw(`set local role ${role}`)
    for (const statement of statements) await trx.raw(statement)
  })

  const entry = (id: string): string => `'[{"id":"${id}","actorType":"system","action":"x","level":"info","category":"x","details":{},"mac":"x"}]'`

  it('writes entries, also into a month that is missing, seals and reads them', async () => {
    await as(`select audit_append(${entry('by-role')})`, "select audit_partition(now() + interval '5 months')", 'select * from audit_entries',
      'select * from audit_seals', "delete from audit_unsealed where id = 'by-role'",
      "insert into audit_seals select at, id, 100000, 'x' from audit_entries where id = 'by-role'")
    expect(await world.sql("select 1 from audit_entries join audit_seals using (at, id) where id = 'by-role'")).to.have.length(1)
  })

  it('cannot edit, remove or unguard them', async () => {
    const [partition] = await world.sql<{ name: string }>(
      "select inhrelid::regclass::text as name from pg_inherits where inhparent = 'audit_entries'::regclass order by 1 limit 1",
    )
    const name = partition?.name ?? ''
    for (const statement of [
      "update audit_entries set level = 'info'", 'delete from audit_entries', 'truncate audit_entries', 'drop table audit_entries', `drop table ${name}`, `delete from ${name}`,
      `update ${name} set level = 'info'`, 'alter table audit_entries disable trigger user', 'drop trigger append_only on audit_entries', 'delete from audit_anchors',
    ]) expect(await messageOf(() => as(statement)), statement).to.match(/permission denied|must be owner/)
  })
})
