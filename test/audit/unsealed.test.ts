// Sealing that does not keep up is told, whatever holds it up: by the log, an alert, `audit-verify`; and nothing waits for its lock.
import { expect } from 'chai'
import { onAnyDatabase } from '../kit/databases.ts'
import { eventually } from '../wire/support/wire.ts'
import { AuditWorld, row, rows, text } from './audit-world.ts'

onAnyDatabase('audit: entries that nobody seals', (kind) => {
  const world = new AuditWorld(kind)
  before(() => world.open())
  after(() => world.close())

  /** As if it had been written so long ago; the writer's signature does not cover the time. */
  const age = async (id: string, seconds: number): Promise<void> => {
    await world.sql('alter table audit_entries disable trigger user')
    const aged = 'set at = at - make_interval(secs => ?) where id = (select id from audit_entries where target_id = ?)'
    for (const table of ['audit_unsealed', 'audit_entries']) await world.sql(`update ${table} ${aged}`, [seconds, id])
    await world.sql('alter table audit_entries enable trigger user')
  }
  let heard = 0
  beforeEach(() => void (heard = world.log.lines.length))
  const said = (pattern: RegExp): string => JSON.stringify(world.log.lines.slice(heard).filter(({ message }) => pattern.test(message)))

  /** What keeps sealing from going on, and how to end it. */
  const obstacles: Readonly<Record<string, () => Promise<() => Promise<unknown>>>> = {
    ...(kind === 'embedded' ? {} : {
      'another session holds the lock': async () => {
        const holder = await world.db.transaction()
        await holder.raw("set local application_name = 'somebody else'")
        await holder.raw("select pg_advisory_xact_lock(hashtext('sovrane:audit-seal'))")
        return () => Promise.resolve(holder.rollback())
      },
    }),
    'sealing fails': async () => {
      await world.sql("create function deny() returns trigger language plpgsql as $$ begin raise exception 'not now'; end $$")
      await world.sql('create trigger deny before insert on audit_seals for each row execute function deny()')
      return async () => {
        await world.sql('drop trigger deny on audit_seals')
        await world.sql('drop function deny()')
      }
    },
  }

  for (const [what, begin] of Object.entries(obstacles)) {
    it(`${what}: after 30 s it is told, and then all goes on`, async function () {
      this.timeout(60_000)
      await world.services.seal()
      const end = await begin()
      const { id } = await world.ok('site-create', { label: what }, world.admin)
      expect(await world.verdict()).to.include({ ok: true })
      await age(text(id), 31)
      const [entry] = (await world.entries()).filter(({ target_id: target }) => target === id)
      const verdict = await world.verdict()
      expect(verdict).to.deep.include({ ok: false, firstBroken: entry?.id, reason: 'unsealed', unsealed: [entry?.id] })
      const today = (entry?.at ?? new Date()).toISOString()
      expect(await world.ok('audit-verify', { from: today, to: today }, world.admin)).to.include({ ok: false, reason: 'unsealed' })
      await eventually(() => Promise.resolve(expect(said(/waited for their seal/)).to.include('"level":"error"')))
      if (what.includes('lock')) expect(said(/waited for their seal/)).to.include('somebody else')
      await world.look()
      await world.look()
      await end()
      const alerts = (await world.entries()).filter(({ action, target_id: cause }) => action === 'security.alert' && cause === 'sealing')
      expect(alerts).to.have.length(1)
      expect(row(alerts[0]?.details)).to.include({ cause: 'sealing', count: 1 })
      await eventually(() => Promise.resolve(expect(said(/sealed again/)).to.not.equal('[]')))
      expect(await world.verdict()).to.include({ ok: true })
    })
  }

  if (kind === 'postgres') {
    it('retention does not wait for the lock either, and says why the month is still there', async function () {
      this.timeout(60_000)
      await world.sql("select audit_partition(now() - interval '400 days')")
      const months = async () => (await world.sql("select 1 from pg_inherits where inhparent = 'audit_entries'::regclass")).length
      const before = await months()
      const holder = await world.db.transaction()
      await holder.raw("select pg_advisory_xact_lock(hashtext('sovrane:audit-seal'))")
      expect(await world.services.retain()).to.deep.equal([])
      expect(said(/could not be removed/)).to.not.equal('[]')
      await holder.rollback()
      expect(await world.services.retain()).to.have.length(1)
      expect(await months()).to.equal(before - 1)
    })

    it('nor do alerts: who holds their lock does not silence them', async () => {
      await world.ok('config-update', { key: 'failed_login_alert_threshold', value: 1 }, world.admin)
      await world.no('unauthenticated', 'auth-login', { email: 'nobody@example.com', password: 'Wrong-River-52-Lantern' })
      const holder = await world.db.transaction()
      await holder.raw("select pg_advisory_xact_lock(hashtext('sovrane:alerts'))")
      await world.look()
      await holder.rollback()
      const { items } = await world.ok('audit-log-request', { action: 'security.alert', targetId: 'failed-logins' }, world.admin)
      expect(rows(items)).to.have.length(1)
    })
  }
})
