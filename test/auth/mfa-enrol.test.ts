// Setting a second factor up, enabling it, taking it off, and the recovery codes.
import { expect } from 'chai'
import { faultPaths, text, type Row } from '../kit/replies.ts'
import type { Person } from '../kit/test-server.ts'
import { codeNow } from './authenticator.ts'
import { challenge, enrol, enrolled, freeSteps, loginWithCode, texts } from './mfa-support.ts'
import { onHouse } from './on-house.ts'

onHouse('enrolment of a second factor', (house) => {
  const attempt = async (person: Person, code: string): Promise<Row> => {
    const { userId, mfaToken } = await challenge(house, person)
    return { userId, mfaToken, code }
  }
  const passes = async (person: Person, code = '') => house.ok('auth-mfa-verify', await attempt(person, code))
  const fails = async (person: Person, code = '') => house.no('unauthenticated', 'auth-mfa-verify', await attempt(person, code))

  it('a set-up changes nothing until it is enabled: neither a first one nor a second', async () => {
    const by = await house.enter()
    const secret = text((await house.ok('auth-mfa-setup', {}, by))['secret'])
    await house.login(by)
    expect(await house.ok('user-get', { id: by.id }, house.admin)).to.include({ mfaEnabled: false, mfaType: null })
    const active = await enrol(house, by)
    expect(active.secret).to.not.equal(secret)
    await house.ok('auth-mfa-setup', {}, by)
    await house.ok('auth-mfa-setup', { type: 'email' }, by)
    await loginWithCode(house, active)
    expect(await house.ok('user-get', { id: by.id }, house.admin)).to.include({ mfaEnabled: true, mfaType: 'totp' })
  })

  it('enabling needs a set-up of that type, which it uses up', async () => {
    const by = await house.enter()
    await house.no('conflict', 'auth-mfa-enable', { type: 'totp' }, by)
    await house.ok('auth-mfa-setup', {}, by)
    await house.no('conflict', 'auth-mfa-enable', { type: 'email', code: '123456' }, by)
    await house.ok('auth-mfa-enable', { type: 'totp' }, by)
    await house.no('conflict', 'auth-mfa-enable', { type: 'totp' }, by)
  })

  it('a given code is checked, and not taken again at the log-in', async () => {
    const by = await house.enter()
    const secret = text((await house.ok('auth-mfa-setup', {}, by))['secret'])
    for (const code of ['000000', codeNow(secret, -3), codeNow(secret, 3), 'x'])
      await house.no('unauthenticated', 'auth-mfa-enable', { type: 'totp', code }, by)
    await house.login(by)
    const code = codeNow(secret)
    await house.ok('auth-mfa-enable', { type: 'totp', code }, by)
    await fails(by, code)
  })

  it('account_mfa_confirm makes the code mandatory', async () => {
    await house.set('account_mfa_confirm', true)
    const by = await house.enter()
    const secret = text((await house.ok('auth-mfa-setup', {}, by))['secret'])
    expect(faultPaths(await house.no('invalid_payload', 'auth-mfa-enable', { type: 'totp' }, by))).to.deep.equal(['code'])
    await house.login(by)
    await house.ok('auth-mfa-enable', { type: 'totp', code: codeNow(secret) }, by)
    await house.unset('account_mfa_confirm')
  })

  it('account_allow_mfa off: none is set up or enabled, and those that are go on', async () => {
    const [active, by] = [await enrolled(house), await house.enter()]
    await house.ok('auth-mfa-setup', {}, by)
    await house.set('account_allow_mfa', false)
    await house.no('forbidden', 'auth-mfa-setup', {}, by)
    await house.no('forbidden', 'auth-mfa-enable', { type: 'totp' }, by)
    await house.login(by)
    await loginWithCode(house, active)
    await house.unset('account_allow_mfa')
  })

  it('disabling needs no code in a session that enabled or passed it', async () => {
    const first = await enrolled(house)
    await house.ok('auth-mfa-disable', {}, first)
    await house.login(first)
    const second = await enrolled(house)
    await house.ok('auth-mfa-disable', {}, await loginWithCode(house, second))
    await house.login(second)
  })

  it('disabling needs one in any other, and checks one that is given', async () => {
    const by = await enrolled(house)
    await house.no('unauthenticated', 'auth-mfa-disable', { code: '000000' }, by)
    await house.sql('update sessions set factor_passed_at = null where id = ?', [by.sessionId])
    await house.no('unauthenticated', 'auth-mfa-disable', {}, by)
    await house.no('unauthenticated', 'auth-mfa-disable', { code: '000000' }, by)
    await freeSteps(house, by)
    expect(await house.ok('auth-mfa-disable', { code: codeNow(by.secret) }, by)).to.deep.equal({ success: true })
    expect(await house.ok('auth-mfa-disable', {}, by), 'twice').to.deep.equal({ success: true })
    expect(await house.sql('select secret, pending_secret from mfa_factors where user_id = ?', [by.id])).to.deep.equal([
      { secret: null, pending_secret: null },
    ])
    expect(await house.sql('select 1 from mfa_recovery_codes where user_id = ?', [by.id])).to.have.length(0)
  })

  it('disabling ends the other sessions and what they proved', async () => {
    const by = await enrolled(house)
    const other = await loginWithCode(house, by)
    const { userId, mfaToken } = await challenge(house, by)
    await house.ok('auth-mfa-disable', {}, by)
    await house.no('unauthenticated', 'auth-me', {}, other)
    await freeSteps(house, by)
    await house.no('unauthenticated', 'auth-mfa-verify', { userId, mfaToken, code: codeNow(by.secret) })
    await house.no('unauthenticated', 'auth-mfa-verify', { userId, mfaToken, code: by.recoveryCodes[0] })
  })

  it('recovery codes: each once, however it is written, and not one that was made up', async () => {
    const by = await enrolled(house)
    const [first = '', second = '', third = ''] = by.recoveryCodes
    await passes(by, first)
    for (const code of [first, first.toLowerCase(), 'AAAAAA-AAAAAA-AAAAAA-AAAAAA']) await fails(by, code)
    await passes(by, second.toLowerCase().replaceAll('-', ' '))
    await passes(by, third.replaceAll('-', ''))
    expect(await house.sql('select 1 from mfa_recovery_codes where user_id = ?', [by.id])).to.have.length(7)
  })

  it('auth-mfa-recovery-codes needs a code and kills the old ones', async () => {
    const by = await enrolled(house)
    for (const code of ['000000', by.secret.slice(0, 6)]) await house.no('unauthenticated', 'auth-mfa-recovery-codes', { code }, by)
    await house.no('invalid_payload', 'auth-mfa-recovery-codes', {}, by)
    await freeSteps(house, by)
    const renewed = texts((await house.ok('auth-mfa-recovery-codes', { code: codeNow(by.secret) }, by))['recoveryCodes'])
    await fails(by, by.recoveryCodes[4])
    await passes(by, renewed[0])
    await house.no('not_found', 'auth-mfa-recovery-codes', { code: '000000' }, await house.enter())
  })

  it('only hashes of them are stored', async () => {
    const by = await enrolled(house)
    const stored = JSON.stringify(await house.sql('select * from mfa_recovery_codes'))
    for (const code of by.recoveryCodes) expect(stored).to.not.include(code).and.not.include(code.replaceAll('-', ''))
  })

  it('mfaEnabled and mfaType are read with manage-mfa or on the own row', async () => {
    const by = await enrolled(house)
    const [manager, reader] = [
      await house.enter({ can: ['read-user', 'read-users', 'manage-mfa'] }), await house.enter({ can: ['read-user', 'read-users'] }),
    ]
    expect(await house.ok('user-get', { id: by.id }, by)).to.include({ mfaEnabled: true, mfaType: 'totp' })
    expect(await house.ok('user-get', { id: by.id }, manager)).to.include({ mfaEnabled: true, mfaType: 'totp' })
    expect(await house.ok('user-get', { id: by.id }, reader)).to.not.have.any.keys('mfaEnabled', 'mfaType')
    const page = await house.ok('user-list-request', { limit: 100 }, reader)
    expect(JSON.stringify((page['items'] as { id: string }[]).filter(({ id }) => id !== reader.id))).to.not.include('mfa')
    for (const probe of [{ filter: { mfaEnabled: true } }, { sort: 'mfaEnabled' }, { filter: { mfaType: 'totp' } }])
      await house.no('invalid_payload', 'user-list-request', probe, reader)
    await house.no('invalid_payload', 'user-update', { id: by.id, mfaEnabled: false }, house.admin)
  })
})
