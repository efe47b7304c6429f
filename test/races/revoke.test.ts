// Races against a revocation: what begins after it fails, what waits for a lock does not act on what it saw before.
import { expect } from 'chai'
import type { Fields, Reply } from './client.ts'
import { barrier, eventually, parallel } from '../kit/wait.ts'
import { password } from '../kit/passwords.ts'
import { caught, describeRaces, type Person } from './harness.ts'

const writers = 16
const rounds = 10

type Actor = Person & { readonly role: string }

const revocations: Readonly<Record<string, (actor: Actor) => [event: string, payload: Fields]>> = {
  'user-remove-role': (actor) => ['user-remove-role', { id: actor.id, roleId: actor.role }],
  'role-remove-permission': (actor) => ['role-remove-permission', { id: actor.role, permissionId: 'manage-sites' }],
  'user-add-permission with deny': (actor) => ['user-add-permission', { id: actor.id, permissionId: 'manage-sites', deny: true }],
  'user-update of status': (actor) => ['user-update', { id: actor.id, status: 'suspended' }],
  'user-delete': (actor) => ['user-delete', { id: actor.id }],
}

describeRaces('revocation', 2, (arena) => {
  /** The database's clock, with microseconds, as text. */
  const clock = async (): Promise<string> => (await arena.sql<{ now: string }>('select clock_timestamp()::text as now'))[0]?.now ?? ''

  /** The rows of `table` whose transactions began after `moment`: `begun` is now(), the time of a transaction's start. */
  const begunAfter = async (moment: string, table: string, where: string): Promise<number> =>
    (await arena.sql(`select 1 from ${table} where ${where} and begun > $1::timestamptz`, [moment])).length

  it('the check catches rights that are asked for before the transaction', async () => {
    await arena.sql('create table rights (id int primary key, may boolean not null); create table written (id int, begun timestamptz not null default now())')
    let found = 0
    for (let round = 0; round < rounds; round += 1) {
      await arena.sql('insert into rights values ($1, true)', [round])
      const [asked, revoked] = [barrier(4), barrier(4)]
      let moment = ''
      await parallel(4, async (index) => {
        const [row] = await arena.sql<{ may: boolean }>('select may from rights where id = $1', [round])
        await asked()
        if (index === 0) {
          await arena.sql('update rights set may = false where id = $1', [round])
          moment = await clock()
        }
        await revoked()
        if (row?.may === true && index > 0) await arena.sql('insert into written (id) values ($1)', [round])
      })
      if ((await begunAfter(moment, 'written', `id = ${round}`)) > 0) found += 1
    }
    caught('rights of before the transaction', found, rounds)
    await arena.sql('create view site_writes as select created_by, created_at as begun from sites')
  })

  for (const [name, revoke] of Object.entries(revocations)) {
    it(`${name}: no mutation that began after it succeeds, on either node`, async function () {
      this.timeout(60_000)
      const actor = await arena.person({ permissions: ['manage-sites', 'read-site'] })
      let [revoked, succeeded] = [false, 0]
      const replies: Reply[] = []
      const late: Reply[] = []
      const work = parallel(writers, async (index) => {
        for (let left = 3; left > 0;) {
          const isLate = revoked
          const reply = await arena.ask('site-create', { label: actor.id }, { token: actor.token, node: index })
          replies.push(reply)
          if (isLate) late.push(reply)
          if (reply.ok) succeeded += 1
          else left -= 1
        }
      })
      await eventually(() => Promise.resolve(succeeded > 2 * writers), 'the writers are under way')
      const [event, payload] = revoke(actor)
      await arena.must(event, payload)
      revoked = true
      const moment = await clock()
      await work
      arena.onlyCodes(replies, 'forbidden', 'unauthenticated')
      expect(late.filter((reply) => reply.ok), 'sent after the revocation was acknowledged').to.deep.equal([])
      // created_at has milliseconds: one of grace.
      expect(await begunAfter(moment, 'site_writes', `created_by = '${actor.id}' and begun > '${moment}'::timestamptz + interval '1 ms'`))
        .to.equal(0)
    })
  }

  it('stale: who may not give a role cannot give back the one that is being taken away', async () => {
    const target = await arena.person({ roles: ['administrators'] })
    const helper = await arena.person({ permissions: ['update-user', 'read-user', 'read-role'] })
    const taking = await arena.session()
    await taking.query(`begin`)
    await taking.query(`delete from user_roles where user_id = $1 and role_id = 'administrators'`, [target.id])
    const giving = arena.ask('user-add-role', { id: target.id, roleId: 'administrators' }, { token: helper.token })
    await arena.waiting(1)
    await taking.query('commit')
    taking.release()
    expect(await giving).to.deep.include({ ok: false, code: 'forbidden' })
    expect(await arena.sql('select 1 from user_roles where user_id = $1', [target.id]), 'roles of the target').to.have.length(0)
  })

  it('a mutation that changes rights itself sees that others have taken away its own', async () => {
    const actor = await arena.person({ permissions: ['update-role', 'read-role', 'read-permission', 'read-sites'] })
    const { role } = await arena.person({ permissions: ['read-sites'] })
    const holding = await arena.session()
    await holding.query('begin')
    await holding.query('select 1 from roles where id = $1 for update', [role])
    const changing = arena.ask('role-remove-permission', { id: role, permissionId: 'read-sites' }, { token: actor.token })
    await arena.waiting(1)
    await arena.must('user-remove-role', { id: actor.id, roleId: actor.role })
    await holding.query('commit')
    holding.release()
    expect(await changing).to.deep.include({ ok: false, code: 'forbidden' })
    expect(await arena.sql('select 1 from role_permissions where role_id = $1', [role]), 'what the role grants').to.have.length(1)
  })

  it('a log-in that waits for a change of the password does not open a session with the old one', async () => {
    const person = await arena.person({ permissions: [] })
    const holding = await arena.session()
    await holding.query('begin')
    await holding.query('select 1 from users where id = $1 for update', [person.id])
    const changing = arena.ask('user-update', { id: person.id, password: 'Another-River-53-Lantern' })
    await arena.waiting(1)
    const entering = arena.login(person.email).then(() => 'in', () => 'refused')
    await arena.waiting(2)
    await holding.query('commit')
    holding.release()
    arena.onlyCodes([await changing])
    await entering
    const open = await arena.sql(`select 1 from sessions where user_id = $1 and ended_at is null`, [person.id])
    expect(open, 'sessions of the old password still open').to.have.length(0)
  })

  const proofs: Readonly<Record<string, (email: string) => Fields>> = {
    'auth-login': (email) => ({ email, password }),
    'auth-reauthenticate': () => ({ password }),
    'auth-change-email': (email) => ({ email: `new-${email}`, password }),
  }
  const changes = {
    'another password': "update credentials set password_hash = 'none', password_changed_at = now() where user_id = $1",
    'a suspension': "update users set status = 'suspended' where id = $1",
  }

  /** What a statement finds that waits for the account while `sql` is committed. */
  const waitFor = async <T>(person: Person, sql: string, statement: () => Promise<T>): Promise<T> => {
    const holding = await arena.session()
    await holding.query('begin')
    await holding.query('select 1 from users where id = $1 for update', [person.id])
    await holding.query(sql, [person.id])
    const found = statement()
    await arena.waiting(1)
    await holding.query('commit')
    holding.release()
    return found
  }

  it('the check catches a proof that locks the account and only joins its password', async () => {
    const person = await arena.person({ permissions: [] })
    const [stored] = await arena.sql<{ hash: string }>('select password_hash as hash from credentials where user_id = $1', [person.id])
    const proof = `select 1 from users a join credentials c on c.user_id = a.id
      where a.id = $1 and c.password_hash = $2 for share of a`
    const found = await waitFor(person, changes['another password'], () => arena.sql(proof, [person.id, stored?.hash]))
    caught('a password of before the wait', found.length, 1)
  })

  for (const [event, payload] of Object.entries(proofs)) {
    for (const [what, sql] of Object.entries(changes)) {
      it(`${event}: a password that was right does not count once it has waited for ${what}`, async () => {
        const person = await arena.person({ permissions: [] })
        const by = event === 'auth-login' ? {} : { token: person.token }
        const reply = await waitFor(person, sql, () => arena.ask(event, payload(person.email), by))
        expect(reply).to.deep.include({ ok: false, code: 'unauthenticated' })
        expect(await arena.sql('select 1 from email_changes where user_id = $1', [person.id])).to.have.length(0)
        expect(await arena.sql('select 1 from sessions where user_id = $1 and ended_at is null', [person.id])).to.have.length(0)
      })
    }
  }

  it('a log-in that waits while a second factor is enabled opens no session without it', async () => {
    const person = await arena.person({ permissions: [] })
    const enabled = "insert into mfa_factors (user_id, enabled, type, secret) values ($1, true, 'totp', 'sealed')"
    const entering = await waitFor(person, enabled, () => arena.ask('auth-login', { email: person.email, password }, {}))
    expect(entering).to.have.nested.property('data.mfaRequired', true)
    expect(await arena.sql('select 1 from sessions where user_id = $1', [person.id]), 'but the one of before').to.have.length(1)
  })

  for (const event of ['suspension', 'deletion', 'raw SQL'] as const) {
    it(`${event} on one node ends the sockets on both`, async () => {
      const person = await arena.person({ permissions: ['read-sites'] })
      const sockets = await parallel(4, (node) => arena.connect(person.token, { node }))
      if (event === 'suspension') await arena.must('user-update', { id: person.id, status: 'suspended' })
      else if (event === 'deletion') await arena.must('user-delete', { id: person.id })
      else await arena.sql(`update users set status = 'archived' where id = $1`, [person.id])
      const reasons = await Promise.all(sockets.map((socket) => socket.end()))
      // The server has closed the namespace: a standard client does not come back by itself.
      expect(reasons).to.deep.equal(sockets.map(() => 'io server disconnect'))
      expect(sockets.map((socket) => socket.expired)).to.not.include(undefined)
      const heard = sockets.map((socket) => socket.changes.length)
      await arena.must('site-create', { label: 'After the end' })
      expect(sockets.map((socket) => socket.changes.length)).to.deep.equal(heard)
      expect(await arena.connect(person.token, { node: 1 }).catch((error: unknown) => String(error))).to.equal('Error: Unauthorized')
    })
  }

  it('sockets that connect while their person is suspended do not stay', async function () {
    this.timeout(60_000)
    for (let round = 0; round < 5; round += 1) {
      const person = await arena.person({ permissions: [] })
      const attempts = parallel(8, (node) => arena.connect(person.token, { node }).then((socket) => socket.end(), () => 'refused'))
      await arena.must('user-update', { id: person.id, status: 'suspended' })
      await attempts
    }
  })

  it('a right that is taken away on one node is gone from the queries of the other', async () => {
    const actor = await arena.person({ permissions: ['read-sites'] })
    const sockets = await parallel(2, (node) => arena.connect(actor.token, { node }))
    for (const socket of sockets) expect((await socket.ask('site-list-request', {})).ok).to.equal(true)
    await arena.must('role-remove-permission', { id: actor.role, permissionId: 'read-sites' })
    await eventually(async () => {
      const replies = await Promise.all(sockets.map((socket) => socket.ask('site-list-request', {})))
      return replies.every((reply) => !reply.ok && reply.code === 'forbidden')
    }, 'both nodes refuse')
  })
})
