// account_require_mfa: who has no second factor may only set one up, and hears of no change until he has.
import { expect } from 'chai'
import { text, type Row } from '../kit/replies.ts'
import { until } from '../kit/test-server.ts'
import { enrol, enrolled, loginWithCode } from './mfa-support.ts'
import { onHouse } from './on-house.ts'

onHouse('the duty to have a second factor', (house) => {
  before(async () => {
    await enrol(house, house.admin)
    await house.set('account_require_mfa', true)
  })

  it('a log-in without one says so, and its session may only enrol', async () => {
    const person = await house.person({ can: ['read-sites', 'read-user'] })
    const reply = await house.ok('auth-login', { email: person.email, password: person.password })
    expect(reply).to.include({ mfaEnrolmentRequired: true })
    const by = house.sessionOf(person, reply)
    const refused: Readonly<Record<string, Row>> = {
      'site-list-request': {}, 'user-get': { id: by.id }, 'user-update': { id: by.id, firstName: 'Other' }, 'user-list-request': {},
      'auth-sessions-request': {}, 'auth-token-create': { name: 'x' }, 'auth-token-list-request': {},
      'auth-change-password': { currentPassword: by.password, newPassword: 'Brisk-Meadow-81-Teapot' },
      'auth-change-email': { email: 'x@example.com', password: by.password },
    }
    const socket = await house.socket(by)
    for (const [event, payload] of Object.entries(refused)) {
      expect((await house.no('forbidden', event, payload, by)).details, event).to.deep.equal({ reason: 'mfa_enrolment' })
      expect((await socket.no(event, payload, 'forbidden')).details, event).to.deep.equal({ reason: 'mfa_enrolment' })
    }
    await socket.ok('auth-me')
    await socket.ok('ping')
    await socket.ok('auth-refresh', { refreshToken: by.refreshToken })
    await enrol(house, by)
    await house.ok('site-list-request', {}, by)
    await socket.ok('site-list-request')
  })

  it('its sockets hear of no change until then, and of all after it', async () => {
    const by = await house.enter({ can: ['read-sites'] })
    const [socket, witness] = [await house.socket(by), await house.socket(house.admin)]
    const make = async (): Promise<string> => {
      const id = text((await house.ok('site-create', { label: 'x' }, house.admin))['id'])
      await witness.hear(({ event, args }) => event === 'site-changed' && JSON.stringify(args).includes(id))
      return id
    }
    await make()
    // Where the feed is every socket is told, every few seconds.
    expect(socket.heard.map(({ event }) => event).filter((event) => event !== 'feed-head')).to.deep.equal(['session'])
    await enrol(house, by)
    await until('changes are heard', async () => {
      await make()
      return socket.heard.some(({ event }) => event === 'site-changed')
    })
    expect(socket.heard.filter(({ event }) => event === 'session'), 'two would be a second beginning').to.have.length.within(1, 2)
  })

  it('auth-logout is allowed', async () => {
    await house.ok('auth-logout', {}, await house.enter())
  })

  it('an API token of somebody without a factor is as limited', async () => {
    const by = await enrolled(house, { can: ['read-sites'] })
    const token = text((await house.ok('auth-token-create', { name: 'x' }, by))['token'])
    await house.ok('site-list-request', {}, { token })
    await house.ok('auth-mfa-disable', {}, by)
    await until('it is limited', async () => JSON.stringify(await house.ask('site-list-request', {}, { token })).includes('mfa_enrolment'))
  })

  it('who has a factor logs in as ever, and whose is taken away must enrol again', async () => {
    const by = await enrolled(house, { can: ['read-sites'] })
    const session = await loginWithCode(house, by)
    await house.ok('site-list-request', {}, session)
    await house.ok('auth-mfa-disable', {}, session)
    await until('it is limited', async () => JSON.stringify(await house.ask('site-list-request', {}, session)).includes('mfa_enrolment'))
  })

  it('public events go on without a session', async () => {
    await house.ok('auth-password-policy')
    await house.ok('auth-request-reset', { email: 'nobody@example.com' })
  })
})
