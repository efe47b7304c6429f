// Many at once: one invitation makes one user, one address has one invitation, and a delete never overtakes either.
import { expect } from 'chai'
import { parallel } from '../kit/wait.ts'
import { onAnyDatabase } from '../kit/databases.ts'
import { untilLocked } from '../kit/locks.ts'
import { isRow, row, served } from '../kit/replies.ts'
import { password, World } from './world.ts'

const times = 50

/** How many replies there are of each kind: `ok`, or the code of the error. */
const outcomes = (replies: readonly unknown[]): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const reply of replies) {
    const { error } = row(reply)
    const kind = isRow(error) ? String(error['code']) : 'ok'
    counts[kind] = (counts[kind] ?? 0) + 1
  }
  return counts
}

onAnyDatabase('invitations: in parallel', (kind) => {
  const world = new World(kind)
  before(() => world.open())
  after(() => world.close())

  const count = async (sql: string, bindings: readonly string[]): Promise<number> => (await world.sql(sql, bindings)).length

  it(`${times} accepts at once make one user with one session`, async () => {
    const role = await world.make('role')
    const { token, email } = await world.invite({ role, departmentId: await world.make('department') })
    const [letter] = await world.letters(email)
    const replies = await parallel(times, (index) =>
      served(() => world.ask('invitation-accept', { token: index % 2 === 0 ? token : letter?.token ?? '', password })))
    expect(outcomes(replies)).to.deep.equal({ ok: 1, not_found: times - 1 })
    expect(await count('select 1 from users where email = ?', [email])).to.equal(1)
    expect(await count('select 1 from sessions s join users u on u.id = s.user_id where u.email = ?', [email])).to.equal(1)
  })

  it(`${times} creates at once make one invitation and one mail`, async () => {
    const email = world.address()
    const replies = await parallel(times, () => world.ask('invitation-create', { email }, world.admin))
    expect(outcomes(replies)).to.deep.equal({ ok: 1, conflict: times - 1 })
    expect(await count("select 1 from invitations where email = ? and status = 'pending'", [email])).to.equal(1)
    expect(await world.letters(email)).to.have.length(1)
  })

  it('over an overdue one too', async () => {
    const { id, email } = await world.invite()
    await world.makeOverdue(id)
    expect(outcomes(await parallel(times, () => world.ask('invitation-create', { email }, world.admin)))).to.deep.equal({
      ok: 1, conflict: times - 1,
    })
    expect(await count('select 1 from invitations where email = ?', [email])).to.equal(2)
  })

  it('accept, revoke and resend at once: one wins', async () => {
    for (let round = 0; round < 10; round += 1) {
      const { id, token, email } = await world.invite()
      const [accepted, revoked] = await Promise.all([
        world.ask('invitation-accept', { token, password }), world.ask('invitation-revoke', { id }, world.admin),
        world.ask('invitation-resend', { id }, world.admin),
      ])
      const users = await count('select 1 from users where email = ?', [email])
      expect(outcomes([accepted, revoked])['ok']).to.be.oneOf([1, undefined])
      expect(outcomes([accepted])['ok'] ?? 0).to.equal(users)
      expect(Object.keys(outcomes([accepted, revoked]))).to.satisfy((kinds: string[]) =>
        kinds.every((each) => ['ok', 'not_found', 'conflict'].includes(each)))
    }
  })

  it('an author who is suspended meanwhile, or not, but never an account after it', async () => {
    for (let round = 0; round < 10; round += 1) {
      const author = await world.enter({ direct: ['create-invitation'] })
      const { token, email } = await world.invite({}, author)
      const [accepted, suspended] = await Promise.all([
        world.ask('invitation-accept', { token, password }), world.ask('user-update', { id: author.id, status: 'suspended' }, world.admin),
      ])
      expect(outcomes([suspended])).to.deep.equal({ ok: 1 })
      expect(await count('select 1 from users where email = ?', [email])).to.equal(outcomes([accepted])['ok'] ?? 0)
      await world.no('not_found', 'invitation-accept', { token, password })
    }
  })

  if (kind === 'postgres') {
    it('an acceptance waits for a suspension of the author that is under way', async () => {
      const author = await world.enter({ direct: ['create-invitation'] })
      const { token, email } = await world.invite({}, author)
      const suspension = await world.db.transaction()
      await suspension.raw("update users set status = 'suspended' where id = ?", [author.id])
      let settled = false
      const reply = world.ask('invitation-accept', { token, password }).finally(() => { settled = true })
      await untilLocked(world.environment['DATABASE_URL'], 1, () => settled)
      await suspension.commit()
      expect(outcomes([await reply])).to.deep.equal({ not_found: 1 })
      expect(await count('select 1 from users where email = ?', [email])).to.equal(0)
    })
  }

  it('what is deleted while it is named: one of the two is refused', async () => {
    for (let round = 0; round < 10; round += 1) {
      const [site, role] = [await world.make('site'), await world.make('role')]
      const { id } = await world.invite({ siteId: site, role })
      await world.ok('invitation-revoke', { id }, world.admin)
      const [created, siteGone, roleGone] = await Promise.all([
        world.ask('invitation-create', { email: world.address(), siteId: site, role }, world.admin),
        world.ask('site-delete', { id: site }, world.admin), world.ask('role-delete', { id: role }, world.admin),
      ])
      if ('error' in row(created)) expect(outcomes([created])).to.deep.equal({ invalid_payload: 1 })
      else expect(outcomes([siteGone, roleGone])).to.deep.equal({ conflict: 2 })
    }
  })
})
