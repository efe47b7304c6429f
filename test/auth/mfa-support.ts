// People with a second factor, and the steps by which they get and use it.
import { served, success, text, type Row } from '../kit/replies.ts'
import { codeNow } from './authenticator.ts'
import type { TestServer, Person, Session, Wanted } from '../kit/test-server.ts'

/** A list of strings in a reply. */
export const texts = (value: unknown): string[] => (Array.isArray(value) ? value.map(text) : [])

export interface Enrolled extends Session {
  readonly secret: string
  readonly recoveryCodes: readonly string[]
}

/** Enrols a session's user with TOTP. */
export const enrol = async (house: TestServer, session: Session): Promise<Enrolled> => {
  const secret = text((await house.ok('auth-mfa-setup', {}, session))['secret'])
  const enabled = await house.ok('auth-mfa-enable', { type: 'totp' }, session)
  return { ...session, secret, recoveryCodes: texts(enabled['recoveryCodes']) }
}

/** Somebody new with TOTP. */
export const enrolled = async (house: TestServer, wanted: Wanted = {}): Promise<Enrolled> => enrol(house, await house.enter(wanted))

/** Forgets which steps were used: a test does not wait for the next. */
export const freeSteps = async (house: TestServer, person: Person): Promise<void> => {
  await house.sql('update mfa_factors set last_step = 0 where user_id = ?', [person.id])
}

/** The password's half of a log-in: the demand for a code. */
export const challenge = async (house: TestServer, person: Person): Promise<Row> =>
  success(await served(() => house.ask('auth-login', { email: person.email, password: person.password })))

/** The whole log-in with a code of now. */
export const loginWithCode = async (house: TestServer, person: Enrolled): Promise<Session> => {
  await freeSteps(house, person)
  const { userId, mfaToken } = await challenge(house, person)
  return house.sessionOf(person, await house.ok('auth-mfa-verify', { userId, mfaToken, code: codeNow(person.secret) }))
}
