// A flow that touches every secret there is, after which none of them is in a reply, a broadcast, the log, a mail
// or a row that may not hold it.
import { expect } from 'chai'
import { row, text, type Row } from '../kit/replies.ts'
import { Canary } from './canary.ts'
import { codeNow } from './authenticator.ts'
import { freeSteps, texts } from './mfa-support.ts'
import { onHouse } from './on-house.ts'
import type { Session } from '../kit/test-server.ts'

onHouse('canary', (house) => {
  it('no secret is anywhere but where the contract lets it be', async function () {
    this.timeout(120_000)
    const canary = new Canary(house)
    canary.hear(await house.socket(house.admin))
    const brought: string[] = []
    const bring = (secret: string): string => {
      brought.push(secret)
      canary.secret('mailed', secret)
      return secret
    }

    // An account, its sessions, its password.
    const email = 'canary@example.com'
    const created = await canary.ask(
      'user-create', { id: 'canary', firstName: 'Ca', lastName: 'Nary', email, password: 'Canary-Feather-11-Song' }, house.admin,
    )
    expect(created).to.include({ id: 'canary' })
    let by: Session = house.sessionOf({ id: 'canary', email, password: 'Canary-Feather-11-Song' }, await canary.ask('auth-login', {
      email, password: 'Canary-Feather-11-Song',
    }))
    canary.hear(await house.socket(by))
    await canary.ask('auth-login', { email, password: 'Wrong-Feather-12-Song' })
    await canary.ask('auth-change-password', { currentPassword: 'Canary-Feather-11-Song', newPassword: 'Canary-Feather-13-Song' }, by)
    await canary.ask('auth-change-password', { currentPassword: 'Wrong-Feather-14-Song', newPassword: 'short' }, by)
    await canary.ask('user-update', { id: 'canary', password: 'Canary-Feather-15-Song' }, house.admin)
    by = house.sessionOf(by, await canary.ask('auth-login', { email, password: 'Canary-Feather-15-Song' }))
    const refreshed = await canary.ask('auth-refresh', { refreshToken: by.refreshToken })
    await canary.ask('auth-refresh', { refreshToken: refreshed['refreshToken'] })
    for (const event of ['auth-me', 'auth-sessions-request', 'auth-token-list-request', 'auth-password-policy'])
      await canary.ask(event, {}, by)
    await canary.ask('auth-refresh', { refreshToken: 'Unknown-Refresh-Token-16' })
    const apiToken = text((await canary.ask('auth-token-create', { name: 'Script' }, by))['token'])
    await canary.ask('auth-me', {}, { token: apiToken })

    // What goes by mail.
    await canary.ask('auth-request-reset', { email })
    await canary.dump()
    const resetToken = bring(await house.mailedToken(email, '/reset-password'))
    await canary.ask('auth-reset', { token: resetToken, password: 'Canary-Feather-17-Song' })
    await canary.ask('auth-reset', { token: resetToken, password: 'Canary-Feather-18-Song' })
    by = house.sessionOf(by, await canary.ask('auth-login', { email, password: 'Canary-Feather-17-Song' }))
    await canary.ask('auth-change-email', { email: 'canary-two@example.com', password: 'Canary-Feather-17-Song' }, by)
    await canary.ask('auth-confirm-email', { token: bring(await house.mailedToken('canary-two@example.com', '/confirm-email')) })
    const invited = await canary.ask('invitation-create', { email: 'invited@example.com' }, house.admin)
    await canary.ask('invitation-fetch', { token: invited['token'] })
    bring((await house.mailsTo('invited@example.com')).at(-1)?.match(/token=([\w.~-]+)/)?.[1] ?? '')
    await canary.ask('invitation-accept', {
      token: invited['token'], password: 'Canary-Feather-19-Song', firstName: 'In', lastName: 'Vited',
    })

    // The second factor.
    const secret = text((await canary.ask('auth-mfa-setup', {}, by))['secret'])
    const codes = texts((await canary.ask('auth-mfa-enable', { type: 'totp', code: codeNow(secret) }, by))['recoveryCodes'])
    const login = { email: 'canary-two@example.com', password: 'Canary-Feather-17-Song' }
    const demand = await canary.ask('auth-login', login)
    await canary.ask('auth-mfa-verify', { userId: 'canary', mfaToken: demand['mfaToken'], code: '000000' })
    const verify = async (code: string | undefined): Promise<Row> =>
      canary.ask('auth-mfa-verify', { userId: 'canary', mfaToken: (await canary.ask('auth-login', login))['mfaToken'], code })
    await verify(codes[0])
    await freeSteps(house, by)
    await canary.ask('auth-mfa-recovery-codes', { code: codeNow(secret) }, by)
    await house.set('account_password_expire', true)
    await house.sql("update credentials set password_changed_at = now() - interval '91 days' where user_id = 'canary'")
    await freeSteps(house, by)
    const expired = await verify(codeNow(secret))
    expect(row(expired['error'])['code']).to.equal('password_expired')
    await canary.ask('auth-reset', { token: row(row(expired['error'])['details'])['resetToken'], password: 'Canary-Feather-20-Song' })
    await house.unset('account_password_expire')

    // Faults: a table that is away, a secret that cannot be opened.
    await house.sql('alter table sessions rename to sessions_away')
    for (const event of ['auth-login', 'auth-refresh'] as const) {
      const reply = await canary.ask(event, event === 'auth-login' ? {
        email: house.admin.email, password: house.admin.password,
      } : { refreshToken: refreshed['refreshToken'] })
      expect(row(reply['error'])['code']).to.equal('internal')
    }
    await house.sql('alter table sessions_away rename to sessions')
    await house.sql("update mfa_factors set secret = 'AAAA' where user_id = 'canary'")
    await freeSteps(house, by)
    await canary.ask('auth-mfa-verify', {
      userId: 'canary', mfaToken: (await canary.ask('auth-login', { ...login, password: 'Canary-Feather-20-Song' }))['mfaToken'],
      code: '123456',
    })
    for (let time = 0; time < 6; time += 1)
      await canary.ask('auth-login', { email: 'invited@example.com', password: `Wrong-Feather-2${time}-Song` })

    // What others may read of it.
    for (const [event, payload] of [
      ['user-get', { id: 'canary' }], ['user-list-request', {}], ['audit-log-request', { limit: 100 }], ['config-list-request', {}],
      ['invitation-list-request', {}],
    ] as const) {
      await canary.ask(event, payload, house.admin)
    }
    await house.mailSources()
    await canary.dump()
    canary.logs()
    const addresses = [email, 'canary-two@example.com', 'invited@example.com']
    const mails = await house.mailSources()
    expect(mails.length).to.be.greaterThan(3)
    for (const address of addresses) for (const mail of await house.mailsTo(address)) canary.mail('', mail, brought)
    for (const source of mails) canary.mail('', source.replaceAll(/=\r?\n/g, '').replaceAll('=3D', '='), brought)
    canary.secret('the first administrator', house.admin.password)

    expect(canary.known).to.be.greaterThan(60)
    expect(canary.find()).to.deep.equal([])
  })

  it('a mail that waits for its server holds its token sealed', async function () {
    this.timeout(60_000)
    const person = await house.person()
    await house.restart({ SMTP_URL: 'smtp://127.0.0.1:1' })
    await house.ok('auth-request-reset', { email: person.email })
    const canary = new Canary(house)
    await house.mailSources()
    expect(await house.sql("select 1 from jobs where name = 'mail.send' and attempts > 0")).to.not.have.length(0)
    await canary.dump()
    canary.logs()
    await house.restart({})
    await house.sql("update jobs set run_at = now() where name = 'mail.send'")
    canary.secret('mailed', await house.mailedToken(person.email, '/reset-password'))
    expect(canary.find()).to.deep.equal([])
  })

  it('the search finds what there is', async () => {
    const canary = new Canary(house)
    canary.text('here', `… ${Buffer.from('Canary-Feather-99').toString('base64url')} …`)
    canary.secret('a word', 'Canary-Feather-99')
    expect(canary.find()).to.have.length(1)
    const reply = await canary.ask('auth-login', { email: house.admin.email, password: house.admin.password })
    canary.text('the log', String(reply['refreshToken']))
    expect(canary.find()).to.have.length(2)
  })
})
