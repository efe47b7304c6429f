// A status that changes ends for good whatever was handed out before, however it was changed; a password that another has set
// ends sessions and API tokens.
import { expect } from 'chai'
import { refusal, row, text, type Row } from '../kit/replies.ts'
import { untilLocked } from '../kit/locks.ts'
import { codeNow } from './authenticator.ts'
import { otherPassword, unique, until, type TestServer, type Person, type Session } from '../kit/test-server.ts'
import { challenge, enrolled } from './mfa-support.ts'
import { onHouse, onPostgres } from './on-house.ts'

const apiToken = async (house: TestServer, by: Session): Promise<{ readonly id: string; readonly token: string }> => {
  const made = await house.ok('auth-token-create', { name: 'Backup' }, by)
  return { id: text(made['id']), token: text(made['token']) }
}

/** One thing that a user was given: tries it, and must be refused. */
type Try = () => Promise<unknown>

/** What somebody has in their hands before, each as a try of it afterwards. */
const handedOut: Readonly<Record<string, (house: TestServer) => Promise<{ readonly person: Person; readonly use: Try }>>> = {
  'an access token': async (house) => {
    const person = await house.enter()
    return { person, use: () => house.no('unauthenticated', 'auth-me', {}, person) }
  },
  'a refresh token': async (house) => {
    const person = await house.enter()
    return { person, use: () => house.no('unauthenticated', 'auth-refresh', { refreshToken: person.refreshToken }) }
  },
  'an API token': async (house) => {
    const person = await house.enter()
    const token = await apiToken(house, person)
    return { person, use: () => house.no('unauthenticated', 'auth-me', {}, token) }
  },
  'a reset link': async (house) => {
    const person = await house.person()
    await house.ok('auth-request-reset', { email: person.email })
    const token = await house.mailedToken(person.email, '/reset-password')
    return { person, use: () => house.no('unauthenticated', 'auth-reset', { token, password: otherPassword }) }
  },
  'the link that confirms an address': async (house) => {
    const person = await house.enter()
    const email = `${unique('new')}@example.com`
    await house.ok('auth-change-email', { email, password: person.password }, person)
    const token = await house.mailedToken(email, '/confirm-email')
    return { person, use: () => house.no('unauthenticated', 'auth-confirm-email', { token }) }
  },
  'the token of an expired password': async (house) => {
    const person = await house.person()
    await house.set('account_password_expire', true)
    await house.sql("update credentials set password_changed_at = now() - interval '91 days' where user_id = ?", [person.id])
    const { details } = await house.no('password_expired', 'auth-login', { email: person.email, password: person.password })
    await house.unset('account_password_expire')
    const { resetToken } = details as Row
    return { person, use: () => house.no('unauthenticated', 'auth-reset', { token: resetToken, password: otherPassword }) }
  },
  'a log-in that waits for its code, by its token': async (house) => {
    const person = await enrolled(house)
    await house.sql('update mfa_factors set last_step = 0 where user_id = ?', [person.id])
    const { mfaToken } = await challenge(house, person)
    return {
      person, use: () => house.no('unauthenticated', 'auth-mfa-verify', { userId: person.id, mfaToken, code: codeNow(person.secret) }),
    }
  },
  'a log-in that waits for its code, by its connection': async (house) => {
    const person = await enrolled(house)
    await house.sql('update mfa_factors set last_step = 0 where user_id = ?', [person.id])
    const lobby = await house.lobby()
    await lobby.ok('auth-login', { email: person.email, password: person.password })
    return { person, use: () => lobby.no('auth-mfa-verify', { userId: person.id, code: codeNow(person.secret) }, 'unauthenticated') }
  },
  'the mailed code of an enrolment': async (house) => {
    const person = await house.enter()
    await house.ok('auth-mfa-setup', { type: 'email' }, person)
    const code = await house.mailedCode(person.email)
    return { person, use: async () => house.no('conflict', 'auth-mfa-enable', { type: 'email', code }, await house.login(person)) }
  },
}

/** Ways of an account out of service and back. */
const ways: Readonly<Record<string, (house: TestServer, person: Person) => Promise<unknown>>> = {
  'suspended and active again': async (house, { id }) => {
    await house.ok('user-update', { id, status: 'suspended' }, house.admin)
    await house.ok('user-update', { id, status: 'active' }, house.admin)
  },
  'archived and active again': async (house, { id }) => {
    await house.ok('user-update', { id, status: 'archived' }, house.admin)
    await house.ok('user-update', { id, status: 'active' }, house.admin)
  },
  'suspended and active again by SQL': async (house, { id }) => {
    await house.sql("update users set status = 'suspended' where id = ?", [id])
    await house.sql("update users set status = 'active' where id = ?", [id])
  },
  'archived and active again by SQL, in one transaction': (house, { id }) => house.db.transaction(async (trx) => {
    await trx('users').where({ id }).update({ status: 'archived' })
    await trx('users').where({ id }).update({ status: 'active' })
  }),
  'deleted and made again with the id': async (house, { id, email, password }) => {
    await house.ok('user-delete', { id }, house.admin)
    await house.ok('user-create', { id, email, password, firstName: 'Some', lastName: 'Body' }, house.admin)
  },
  'deleted and made again by SQL': async (house, { id, email, password }) => {
    await house.sql('delete from users where id = ?', [id])
    await house.sql("insert into users (id, first_name, last_name, email) values (?, 'Some', 'Body', ?)", [id, email])
    await house.ok('user-update', { id, password }, house.admin)
  },
}

onHouse('an account out of service', (house) => {
  for (const [way, go] of Object.entries(ways)) {
    for (const [what, prepare] of Object.entries(handedOut)) {
      it(`${way}: ${what} of before is void`, async () => {
        const { person, use } = await prepare(house)
        await go(house, person)
        await use()
        // Made active again, they log in anew.
        expect(await house.ok('auth-login', { email: person.email, password: person.password })).to.include.any.keys(
          'accessToken', 'mfaToken',
        )
      })
    }
  }

  it('what was handed out to others goes on', async () => {
    const other = await house.enter()
    const token = await apiToken(house, other)
    await house.ok('user-update', { id: (await house.enter()).id, status: 'suspended' }, house.admin)
    for (const by of [other, token]) await house.ok('auth-me', {}, by)
    await house.ok('auth-refresh', { refreshToken: other.refreshToken })
  })

  it('an update that leaves the status as it is ends nothing', async () => {
    const person = await house.enter()
    const token = await apiToken(house, person)
    await house.ok('user-update', { id: person.id, status: 'active', lastName: 'Else' }, house.admin)
    await house.sql("update users set status = 'active', last_name = 'Again' where id = ?", [person.id])
    for (const by of [person, token]) await house.ok('auth-me', {}, by)
  })
})

/** A password set, and whether the API tokens go with the sessions. */
const passwords: Readonly<Record<string, {
  readonly set: (house: TestServer, person: Session) => Promise<unknown>; readonly keeps: boolean
}>> = {
  'by an administrator': { set: (house, { id }) => house.ok('user-update', { id, password: otherPassword }, house.admin), keeps: false },
  'by a reset': {
    set: async (house, { email }) => {
      await house.ok('auth-request-reset', { email })
      await house.ok('auth-reset', { token: await house.mailedToken(email, '/reset-password'), password: otherPassword })
    },
    keeps: false,
  },
  'by SQL': {
    // What others write a node hears within a second.
    set: async (house, person) => {
      const { id } = person
      await house.sql(`update credentials set password_changed_at = now(),
        password_hash = (select c.password_hash from credentials c where c.user_id <> ? limit 1) where user_id = ?`, [id, id])
      await until('the end of the session is heard', async () => 'error' in row(await house.ask('auth-me', {}, person)))
    },
    keeps: false,
  },
  'by the user': {
    set: (house, by) => house.ok('auth-change-password', { currentPassword: by.password, newPassword: otherPassword }, by), keeps: true,
  },
}

onHouse('a password that is set', (house) => {
  for (const [by, { set, keeps }] of Object.entries(passwords)) {
    it(`${by} ${keeps ? 'ends the other sessions and leaves the API tokens' : 'ends the sessions and the API tokens'}`, async () => {
      const person = await house.enter()
      const other = await house.login(person)
      const token = await apiToken(house, person)
      const bystander = await house.enter()
      await set(house, person)
      await house.no('unauthenticated', 'auth-me', {}, other)
      for (const mine of [person, token]) await (keeps ? house.ok('auth-me', {}, mine) : house.no('unauthenticated', 'auth-me', {}, mine))
      await house.ok('auth-me', {}, bystander)
    })
  }
})

onPostgres('a suspension under way', (house) => {
  /** What begins access, asked while a transaction that suspends the user is still open. */
  const beginnings: Readonly<Record<string, (by: Session) => Promise<unknown>>> = {
    'a log-in': (by) => house.ask('auth-login', { email: by.email, password: by.password }),
    'an API token': (by) => house.ask('auth-token-create', { name: 'late' }, by),
    'a refresh': (by) => house.ask('auth-refresh', { refreshToken: by.refreshToken }),
    'a proof': (by) => house.ask('auth-reauthenticate', { password: by.password }, by),
  }

  for (const [what, begin] of Object.entries(beginnings)) {
    it(`${what} that waits for it is refused, and leaves nothing`, async () => {
      const by = await house.enter()
      const trx = await house.db.transaction()
      await trx('users').where({ id: by.id }).update({ status: 'suspended' })
      const asking = begin(by)
      await untilLocked(house.environment['DATABASE_URL'], 1)
      await trx.commit()
      refusal(await asking, 'unauthenticated')
      await house.sql("update users set status = 'active' where id = ?", [by.id])
      expect(await house.sql('select 1 from sessions where user_id = ? and ended_at is null', [by.id])).to.deep.equal([])
      expect(await house.sql('select 1 from api_tokens where user_id = ? and revoked_at is null', [by.id])).to.deep.equal([])
    })
  }
})
