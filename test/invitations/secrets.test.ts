// Tokens of invitations are where they are handed out, and nowhere else; and they open nothing else.
import { createHash } from 'node:crypto'
import { expect } from 'chai'
import { onAnyDatabase } from '../kit/databases.ts'
import { changesOf } from '../wire/support/changes.ts'
import { text } from '../kit/replies.ts'
import { refusedBy } from '../kit/client.ts'
import { password, World } from './world.ts'

onAnyDatabase('invitations: secrets', (kind) => {
  const world = new World(kind)
  before(() => world.open())
  after(() => world.close())

  /** Every row of every table, as text. */
  const tables = async (): Promise<Map<string, string>> => {
    const names = await world.sql<{ name: string }>("select table_name as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'")
    const dumps = await Promise.all(names.map(async ({ name }): Promise<[string, string]> => {
      const [dump] = await world.sql<{ text: string }>('select coalesce(json_agg(t), ?)::text as text from ?? t', ['[]', name])
      return [name, dump?.text ?? '']
    }))
    return new Map(dumps)
  }

  const hashes = (token: string): string[] =>
    (['hex', 'base64', 'base64url'] as const).map((encoding) => createHash('sha256').update(token).digest(encoding))

  it('no token is in a list, a broadcast, the log, a table, the audit log or an error', async () => {
    const [admin, lowest] = [await world.socket(world.admin), await world.socket(await world.enter())]
    const first = await world.invite()
    await world.ok('invitation-resend', { id: first.id }, world.admin)
    const second = await world.invite()
    await world.accept(second.token)
    const third = await world.invite()
    await world.ok('invitation-revoke', { id: third.id }, world.admin)
    const living = await world.invite()
    const mails = (await Promise.all([first, second, third, living].map(({ email }) => world.letters(email)))).flat()
    expect(mails).to.have.length(5)
    const tokens = [...[first, second, third, living].map(({ token }) => token), ...mails.map(({ token }) => token)]

    const errors = await Promise.all([
      ...tokens.slice(0, 3).flatMap(
        (token) => [world.ask('invitation-fetch', { token }), world.ask('invitation-accept', { token, password: 'x' })],
      ),
      world.ask('invitation-fetch', { token: `${living.token} `, bogus: living.token }),
      world.ask('invitation-accept', { token: { is: living.token }, password }),
      world.ask('invitation-create', { email: living.email }, world.admin),
    ])
    const lists = [
      await world.ask('invitation-list-request', { limit: 100 }, world.admin),
      await world.ask('audit-log-request', { page: 1, limit: 100 }, world.admin),
    ]
    const mark = await world.make('site')
    for (const client of [admin, lowest])
      await client.hear(({ event, args }) => event === 'site-changed' && (args[0] as { id: string }).id === mark)
    const told = changesOf(lowest).filter(({ event }) => event === 'invitation-changed')
    // Changes of one row that come quickly may be told as one: what counts is the last version of each.
    expect(Object.fromEntries(told.map(({ id, version }) => [id, version])))
      .to.deep.equal({ [first.id]: 2, [second.id]: 2, [third.id]: 2, [living.id]: 1 })

    const dump = await tables()
    const seen = JSON.stringify([errors, lists, admin.heard, lowest.heard, world.log.lines, ...dump.values()])
    expect(seen).to.include(living.email).and.include(living.id)
    for (const token of tokens) expect(seen).to.not.include(token)

    // Hashes: of living tokens only, in their table only.
    const alive = [living.token, ...mails.filter(({ to }) => to === living.email || to === first.email).map(({ token }) => token)]
    const kept = tokens.filter((token) => hashes(token).some((hash) => dump.get('invitations')?.includes(hash)))
    expect(alive).to.include.members(kept)
    expect(kept).to.include(living.token).and.have.length(3)
    dump.delete('invitations')
    const rest = JSON.stringify([errors, lists, admin.heard, lowest.heard, world.log.lines, ...dump.values()])
    for (const token of tokens) for (const hash of hashes(token)) expect(rest).to.not.include(hash)
  })

  it('a token of an invitation is no other kind of token', async () => {
    const { token, email } = await world.invite()
    const [letter] = await world.letters(email)
    for (const each of [token, letter?.token ?? '']) {
      await world.no('unauthenticated', 'auth-me', {}, { token: each })
      expect((await refusedBy(world.url, { auth: { token: each } })).message).to.equal('Unauthorized')
      await world.no('unauthenticated', 'auth-refresh', { refreshToken: each })
      await world.no('unauthenticated', 'auth-reset', { token: each, password })
      await world.no('unauthenticated', 'auth-confirm-email', { token: each })
      await world.no('unauthenticated', 'auth-mfa-verify', { userId: world.admin.id, code: '123456', mfaToken: each })
      await world.ok('invitation-fetch', { token: each })
    }
  })

  it('and no other kind of token is one of an invitation', async () => {
    const { email } = await world.enter()
    const login = await world.ok('auth-login', { email, password })
    const api = await world.ok('auth-token-create', { name: 'script' }, world.admin)
    await world.ok('auth-request-reset', { email })
    const [reset] = await world.letters(email)
    const { id } = await world.invite()
    const others = [text(login['accessToken']), text(login['refreshToken']), text(api['token']), reset?.token ?? 'none', id]
    for (const token of others) {
      const code = token.length > 256 ? 'invalid_payload' : 'not_found'
      await world.no(code, 'invitation-fetch', { token })
      await world.no(code, 'invitation-accept', { token, password })
    }
    expect(reset?.token).to.have.length(43)
    // What opens nothing here was not spent here either.
    await world.ok('auth-reset', { token: reset?.token ?? '', password: 'Another-Lantern-77-River' })
  })

  it('the hash in the table is no token', async () => {
    const { id } = await world.invite()
    const [stored] = await world.sql<{ token_hash: string; mail_token_hash: string }>(
      'select token_hash, mail_token_hash from invitations where id = ?', [id],
    )
    for (const token of [stored?.token_hash ?? '', stored?.mail_token_hash ?? ''])
      await world.no('not_found', 'invitation-fetch', { token })
  })
})
