// invitation-list-request, invitation-revoke, invitation-resend, expiry, and what is broadcast of it all.
import { expect } from 'chai'
import { eventually } from '../kit/wait.ts'
import { onAnyDatabase } from '../kit/databases.ts'
import { changesOf } from '../wire/support/changes.ts'
import { number, rows } from '../kit/replies.ts'
import { password, World } from './world.ts'

onAnyDatabase('invitations: manage', (kind) => {
  const world = new World(kind)
  before(() => world.open())
  after(() => world.close())

  it('a list is filtered by status and tells of expiry at once', async () => {
    const [pending, revoked, overdue] = [await world.invite(), await world.invite(), await world.invite()]
    await world.ok('invitation-revoke', { id: revoked.id }, world.admin)
    await world.makeOverdue(overdue.id)
    for (const [status, { id }] of [['pending', pending], ['revoked', revoked], ['expired', overdue]] as const) {
      const { items } = await world.ok('invitation-list-request', { filter: { status }, limit: 100 }, world.admin)
      expect(rows(items).map((item) => item['id']), status).to.include(id)
      expect(rows(items).every((item) => item['status'] === status)).to.equal(true)
    }
  })

  it('resending kills the tokens before it and begins the seven days anew', async () => {
    const { id, token, email } = await world.invite()
    const [first] = await world.letters(email)
    await world.sql("update invitations set expires_at = now() + interval '1 day' where id = ?", [id])
    const { expiresAt: before } = await world.listed(id)
    const reply = await world.ok('invitation-resend', { id }, world.admin)
    expect(reply).to.deep.equal({ id, expiresAt: (await world.listed(id))['expiresAt'] })
    expect(Date.parse(String(reply['expiresAt'])) - Date.parse(String(before))).to.be.greaterThan(5 * 86_400_000)
    const letters = await world.letters(email)
    expect(letters).to.have.length(2)
    for (const dead of [token, first?.token ?? '']) await world.no('not_found', 'invitation-fetch', { token: dead })
    const fresh = letters.find((letter) => letter.token !== first?.token)
    expect(await world.accept(fresh?.token ?? '')).to.include({ email, emailVerified: true })
  })

  it('only a pending one is sent again or revoked', async () => {
    const [accepted, revoked, overdue] = [await world.invite(), await world.invite(), await world.invite()]
    await world.accept(accepted.token)
    await world.ok('invitation-revoke', { id: revoked.id }, world.admin)
    await world.makeOverdue(overdue.id)
    for (const [status, { id }] of [['accepted', accepted], ['revoked', revoked], ['expired', overdue]] as const) {
      for (const event of ['invitation-resend', 'invitation-revoke']) {
        expect((await world.no('conflict', event, { id }, world.admin)).details).to.deep.equal({
          reason: 'invitations.not_pending', status,
        })
      }
    }
  })

  it('ifVersion: a change since then is a conflict, and nothing is changed', async () => {
    const { id, token } = await world.invite()
    for (const event of ['invitation-resend', 'invitation-revoke']) {
      expect((await world.no('conflict', event, { id, ifVersion: 7 }, world.admin)).details).to.deep.equal({ version: 1 })
      await world.no('invalid_payload', event, { id, ifVersion: '1' }, world.admin)
    }
    await world.ok('invitation-fetch', { token })
    await world.ok('invitation-resend', { id, ifVersion: 1 }, world.admin)
    await world.no('conflict', 'invitation-revoke', { id, ifVersion: 1 }, world.admin)
    await world.ok('invitation-revoke', { id, ifVersion: 2 }, world.admin)
    expect(await world.listed(id)).to.include({ status: 'revoked', version: 3 })
  })

  it('the daily job expires what is overdue, and its tokens are gone', async () => {
    const { id } = await world.invite()
    await world.makeOverdue(id)
    const read = () => world.sql('select status, token_hash, mail_token_hash from invitations where id = ?', [id])
    await world.sql("update job_schedules set next_run = now() where name = 'invitations.expire'")
    await eventually(async () => (await read())[0]?.['status'] !== 'pending', 'the job has run')
    expect((await read())[0]).to.deep.equal({ status: 'expired', token_hash: null, mail_token_hash: null })
  })

  it('each change is one invitation-changed with the id, and never anything of the row', async () => {
    const lowest = await world.enter()
    const client = await world.socket(lowest)
    // Each is heard before the next is made: changes of one row that come quickly may be told as one.
    const told = (of: string, version: number) => client.hear(({ args }) => {
      const [change] = args as [{ readonly id?: unknown; readonly version?: unknown } | undefined]
      return change?.id === of && change.version === version
    })
    const { id, token } = await world.invite({ requestId: 'echo-1' })
    await told(id, 1)
    await world.ok('invitation-resend', { id }, world.admin)
    await told(id, 2)
    await world.no('not_found', 'invitation-fetch', { token })
    await world.ok('invitation-revoke', { id }, world.admin)
    const second = await world.invite()
    await told(second.id, 1)
    const user = await world.accept(second.token)
    const mark = await world.make('site')
    await client.hear(({ event, args }) => event === 'site-changed' && (args[0] as { id: string }).id === mark)

    const heard = changesOf(client).filter((change) => change.id !== mark && change.id !== lowest.id)
    expect(heard.map(({ event, action, id: of, version }) => [event, action, of, version])).to.deep.equal([
      ['invitation-changed', 'create', id, 1], ['invitation-changed', 'update', id, 2], ['invitation-changed', 'update', id, 3],
      ['invitation-changed', 'create', second.id, 1], ['user-changed', 'create', user['id'], 1],
      ['invitation-changed', 'update', second.id, 2],
    ])
    for (const { payload } of heard) expect(Object.keys(payload)).to.satisfy((keys: string[]) =>
      keys.every((key) => ['id', 'action', 'version', 'pos', 'requestId'].includes(key)))
    expect(heard[0]?.requestId).to.equal('echo-1')
  })

  it('a repeated requestId makes nothing twice, and the token is not handed out again', async () => {
    const payload = { email: world.address(), requestId: 'twice-1' }
    const { id } = await world.ok('invitation-create', payload, world.admin)
    expect((await world.no('conflict', 'invitation-create', payload, world.admin)).details).to.deep.equal({ reason: 'already_done' })
    expect(number((await world.listed(String(id)))['version'])).to.equal(1)
    expect(await world.letters(payload.email)).to.have.length(1)
  })

  it('the audit log tells who invited whom, and of the acceptance', async () => {
    const { id, token, email } = await world.invite()
    await world.ok('invitation-accept', { token, password })
    const { items } = await world.ok('audit-log-request', { targetType: 'invitation', targetId: id, page: 1, limit: 20 }, world.admin)
    const [accepted, created] = rows(items)
    expect(created).to.include({ action: 'invitation-create', actorId: world.admin.id })
    expect(JSON.stringify(created?.['details'])).to.include(email)
    expect(accepted).to.include({ action: 'invitation-accept', actorType: 'anonymous' })
    expect(rows(items)).to.have.length(2)
  })
})
