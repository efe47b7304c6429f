// Second factors by mail: six digits that a real mail server caught, with the rules of the others.
import { expect } from 'chai'
import { createSeal } from '../../core/define/index.ts'
import { faultPaths, text, type Row } from '../kit/replies.ts'
import type { Person, Session } from '../kit/test-server.ts'
import { challenge, enrol as totp, texts } from './mfa-support.ts'
import { onHouse } from './on-house.ts'

onHouse('second factors by mail', (house) => {
  const enrol = async (by: Session): Promise<Session & { readonly recoveryCodes: readonly string[] }> => {
    expect(await house.ok('auth-mfa-setup', { type: 'email' }, by)).to.deep.equal({ type: 'email', email: by.email })
    const code = await house.mailedCode(by.email)
    return { ...by, recoveryCodes: texts((await house.ok('auth-mfa-enable', { type: 'email', code }, by))['recoveryCodes']) }
  }
  const proof = async (person: Person): Promise<Row> => {
    const { userId, mfaToken } = await challenge(house, person)
    return { userId, mfaToken }
  }
  /** A code that is not the given one. */
  const other = (code: string): string => (code === '123456' ? '654321' : '123456')

  it('is enabled only with the mailed code', async () => {
    const by = await house.enter({ locale: 'fr' })
    await house.ok('auth-mfa-setup', { type: 'email' }, by)
    expect((await house.mailsTo(by.email)).at(-1)).to.include('Votre code est')
    const code = await house.mailedCode(by.email)
    expect(faultPaths(await house.no('invalid_payload', 'auth-mfa-enable', { type: 'email' }, by))).to.deep.equal(['code'])
    await house.no('unauthenticated', 'auth-mfa-enable', { type: 'email', code: other(code) }, by)
    await house.no('conflict', 'auth-mfa-enable', { type: 'totp', code }, by)
    expect(await house.ok('auth-mfa-enable', { type: 'email', code }, by)).to.include({ id: by.id })
    expect(await house.ok('user-get', { id: by.id }, house.admin)).to.include({ mfaEnabled: true, mfaType: 'email' })
  })

  it('the code of the set-up is good for five minutes', async () => {
    const by = await house.enter()
    await house.ok('auth-mfa-setup', { type: 'email' }, by)
    const seal = createSeal({ secrets: [Buffer.from(house.environment['MFA_ENCRYPTION_KEY'] ?? '')], purpose: 'mfa-secrets' })
    const pendingOf = async () =>
      text((await house.sql('select pending_secret from mfa_factors where user_id = ?', [by.id]))[0]?.['pending_secret'])
    const [code, until] = (seal.open(await pendingOf(), by.id) ?? '').split(' ')
    expect(Number(until)).to.be.within(Date.now() + 240_000, Date.now() + 300_000)
    await house.sql('update mfa_factors set pending_secret = ? where user_id = ?', [seal.close(`${code} ${Date.now() - 1}`, by.id), by.id])
    await house.no('unauthenticated', 'auth-mfa-enable', { type: 'email', code }, by)
  })

  it('changing from an authenticator to mail is heard as a change of the user', async () => {
    const by = await totp(house, await house.enter())
    const witness = await house.socket(house.admin)
    const before = await house.ok('user-get', { id: by.id }, house.admin)
    await enrol(by)
    await witness.hear(({ event, args }) => event === 'user-changed' && JSON.stringify(args).includes(by.id))
    const after = await house.ok('user-get', { id: by.id }, house.admin)
    expect(after).to.include({ mfaEnabled: true, mfaType: 'email' })
    expect(after['version']).to.be.greaterThan(Number(before['version']))
  })

  it('10 wrong codes lock the set-up, too', async () => {
    const by = await house.enter()
    await house.ok('auth-mfa-setup', { type: 'email' }, by)
    const code = await house.mailedCode(by.email)
    for (let time = 0; time < 10; time += 1) await house.no('unauthenticated', 'auth-mfa-enable', { type: 'email', code: other(code) }, by)
    await house.no('account_locked', 'auth-mfa-enable', { type: 'email', code }, by)
  })

  it('a log-in mails a code that is good for that log-in, once', async () => {
    const by = await enrol(await house.enter())
    expect(await challenge(house, by)).to.include({ mfaRequired: true, mfaType: 'email' })
    const first = await proof(by)
    const firstCode = await house.mailedCode(by.email)
    const second = await proof(by)
    const secondCode = await house.mailedCode(by.email)
    if (firstCode !== secondCode) await house.no('unauthenticated', 'auth-mfa-verify', { ...first, code: secondCode })
    await house.no('unauthenticated', 'auth-mfa-verify', { ...second, code: other(secondCode) })
    await house.ok('auth-mfa-verify', { ...second, code: secondCode })
    await house.no('unauthenticated', 'auth-mfa-verify', { ...second, code: secondCode })
    await house.ok('auth-mfa-verify', { ...first, code: firstCode })
  })

  it('a recovery code does as well', async () => {
    const by = await enrol(await house.enter())
    await house.ok('auth-mfa-verify', { ...await proof(by), code: by.recoveryCodes[0] })
    await house.no('unauthenticated', 'auth-mfa-verify', { ...await proof(by), code: by.recoveryCodes[0] })
  })

  it('five minutes and five tries', async () => {
    const by = await enrol(await house.enter())
    const late = await proof(by)
    const code = await house.mailedCode(by.email)
    await house.sql("update mfa_challenges set expires_at = expires_at - interval '5 minutes' where user_id = ?", [by.id])
    await house.no('unauthenticated', 'auth-mfa-verify', { ...late, code })
    const payload = await proof(by)
    const right = await house.mailedCode(by.email)
    for (let time = 0; time < 5; time += 1) await house.no('unauthenticated', 'auth-mfa-verify', { ...payload, code: other(right) })
    await house.no('unauthenticated', 'auth-mfa-verify', { ...payload, code: right })
  })

  it('a wrong password mails nothing', async () => {
    const by = await enrol(await house.enter())
    const before = (await house.mailsTo(by.email)).length
    await house.no('unauthenticated', 'auth-login', { email: by.email, password: 'Wrong-River-52-Lantern' })
    expect(await house.mailsTo(by.email)).to.have.length(before)
  })

  it('the stored hash of a code cannot be tried without the key', async () => {
    const by = await enrol(await house.enter())
    await proof(by)
    const code = await house.mailedCode(by.email)
    const rows = JSON.stringify([
      await house.sql('select * from mfa_challenges'), await house.sql('select * from mfa_factors'), await house.sql('select * from jobs'),
    ])
    expect(rows).to.not.include(`"${code}"`)
  })
})
