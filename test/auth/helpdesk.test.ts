// A helpdesk user with `update-user` and `manage-mfa` can by no event take over or weaken an account that holds more than he does.
import { expect } from 'chai'
import type { Row } from '../kit/replies.ts'
import { codeNow } from './authenticator.ts'
import { otherPassword, type Person, type Session } from '../kit/test-server.ts'
import { challenge, enrol, enrolled, loginWithCode, type Enrolled } from './mfa-support.ts'
import { onHouse } from './on-house.ts'

const helpdesk =
  ['update-user', 'manage-mfa', 'read-user', 'read-users', 'read-role', 'read-roles', 'read-permission', 'delete-user', 'create-user', 'update-role', 'create-role', 'read-permissions', 'create-invitation']

onHouse('helpdesk', (house) => {
  let desk: Session
  let boss: Enrolled
  before(async () => {
    desk = await house.enter({ can: helpdesk })
    boss = await enrolled(house, { can: [...helpdesk, 'manage-sites'] })
  })

  const stateOf = async (person: Person): Promise<unknown> => [
    await house.sql('select * from users where id = ?', [person.id]),
    await house.sql('select * from credentials where user_id = ?', [person.id]),
    await house.sql('select * from mfa_factors where user_id = ?', [person.id]),
    await house.sql('select * from user_roles where user_id = ? order by role_id', [person.id]),
    await house.sql('select * from user_permissions where user_id = ?', [person.id]),
    await house.sql('select count(*) from sessions where user_id = ? and ended_at is null', [person.id]),
    await house.sql('select count(*) from mfa_recovery_codes where user_id = ?', [person.id]),
    await house.sql('select * from password_resets where user_id = ?', [person.id]),
  ]

  const attacks: Readonly<Record<string, () => Promise<readonly [event: string, payload: Row]>>> = {
    'sets the password': async () => ['user-update', { id: boss.id, password: otherPassword }],
    'sets the address': async () => ['user-update', { id: boss.id, email: 'desk@example.com' }],
    'sets it with something harmless': async () => ['user-update', { id: boss.id, firstName: 'X', email: 'desk@example.com' }],
    'suspends': async () => ['user-update', { id: boss.id, status: 'suspended' }],
    'takes the roles': async () => ['user-update', { id: boss.id, roles: [] }],
    'gives a role': async () => ['user-add-role', { id: boss.id, roleId: (await roleOf(desk)) }],
    'takes a role': async () => ['user-remove-role', { id: boss.id, roleId: (await roleOf(boss)) }],
    'denies a permission': async () => ['user-add-permission', { id: boss.id, permissionId: 'manage-sites', deny: true }],
    'takes a permission': async () => ['user-remove-permission', { id: boss.id, permissionId: 'manage-sites' }],
    'resets the second factor': async () => ['auth-mfa-reset', { id: boss.id }],
    'deletes': async () => ['user-delete', { id: boss.id }],
    'makes another with the address': async () => [
      'user-create', { firstName: 'A', lastName: 'B', email: boss.email.toUpperCase(), password: otherPassword },
    ],
    'invites the address': async () => ['invitation-create', { email: boss.email }],
    'writes the state of the factor': async () => ['user-update', { id: boss.id, mfaEnabled: false }],
    'revokes a session': async () => ['auth-session-revoke', { id: boss.sessionId }],
  }
  const roleOf = async (person: Person): Promise<unknown> =>
    (await house.sql('select role_id from user_roles where user_id = ?', [person.id]))[0]?.['role_id']

  for (const [what, attack] of Object.entries(attacks)) {
    it(`${what}: refused, and nothing has changed`, async () => {
      const before = await stateOf(boss)
      const [event, payload] = await attack()
      const reply = JSON.stringify(await house.ask(event, payload, desk))
      expect(reply).to.match(/^\{"error":\{"code":"(?:forbidden|not_found|conflict|invalid_payload)"/)
      expect(await stateOf(boss)).to.deep.equal(before)
    })
  }

  it('cannot give himself what the other holds either', async () => {
    const role = await roleOf(boss)
    for (const [event, payload] of [
      ['user-add-role', { id: desk.id, roleId: role }], ['user-update', { id: desk.id, roles: [role] }],
      ['user-add-permission', { id: desk.id, permissionId: 'manage-sites' }],
      ['role-update', { id: await roleOf(desk), permissions: ['manage-sites'] }],
      ['role-create', { label: 'x', permissions: ['root'] }], ['invitation-create', { email: 'friend@example.com', role }],
    ] as const) await house.no('forbidden', event, payload, desk)
  })

  it('who holds only so much he may help: a new password, no factor, and the sessions end', async () => {
    const user = await enrolled(house, { can: ['read-user'] })
    const other = await loginWithCode(house, user)
    await house.ok('auth-mfa-reset', { id: user.id }, desk)
    for (const session of [user, other]) await house.no('unauthenticated', 'auth-me', {}, session)
    expect(await house.ok('user-get', { id: user.id }, desk)).to.include({ mfaEnabled: false, mfaType: null })
    const fresh = await house.login(user)
    await house.ok('user-update', { id: user.id, password: otherPassword }, desk)
    await house.no('unauthenticated', 'auth-me', {}, fresh)
    await house.login({ ...user, password: otherPassword })
  })

  it('a right within a scope is not enough over somebody who holds it everywhere', async () => {
    await house.ok('site-create', { id: 'helpdesk-site', label: 'Here' }, house.admin)
    const local = await house.enter({ can: helpdesk.map((permissionId) => ({ permissionId, scopeId: 'helpdesk-site' })) })
    const wide = await enrolled(house, { can: ['read-user'], siteId: 'helpdesk-site' })
    const plain = await enrolled(house, { siteId: 'helpdesk-site' })
    const elsewhere = await enrolled(house)
    await house.no('forbidden', 'auth-mfa-reset', { id: wide.id }, local)
    await house.no('forbidden', 'user-update', { id: wide.id, password: otherPassword }, local)
    await house.no('not_found', 'auth-mfa-reset', { id: elsewhere.id }, local)
    await house.ok('auth-mfa-reset', { id: plain.id }, local)
  })

  it('without manage-mfa nobody resets; with it alone nobody reads more', async () => {
    const target = await enrolled(house)
    await house.no('forbidden', 'auth-mfa-reset', { id: target.id }, await house.enter({ can: ['update-user', 'read-user'] }))
    await house.no('forbidden', 'auth-mfa-reset', { id: target.id }, await house.enter())
    await house.no('not_found', 'auth-mfa-reset', { id: 'nobody' }, desk)
    expect(await challenge(house, target)).to.include({ mfaRequired: true })
  })

  it('an administrator without a factor left gets in again after a reset by another', async () => {
    const lost = await enrolled(house, { can: ['read-sites'] })
    await house.ok('auth-mfa-reset', { id: lost.id }, house.admin)
    await enrol(house, await house.login(lost))
    expect(codeNow(lost.secret)).to.match(/^\d{6}$/)
  })
})
