// The variables that the plugin refuses.
import { randomBytes } from 'node:crypto'
import { expect } from 'chai'
import { BootError } from '../../core/model/faults.ts'
import { assemble } from '../../core/boot/assemble.ts'
import { jobs } from '../../plugins/jobs/index.ts'
import { mail } from '../../plugins/mail/index.ts'
import { readSender } from '../../plugins/mail/environment.ts'
import { recordingLog } from '../kit/server.ts'
import { appWith } from '../kit/server.ts'

const key = (): Buffer => randomBytes(48)

/** The faults that a variable makes at start. */
const faultOf = (variables: Readonly<Record<string, string>>): string => {
  const keys = Object.fromEntries(['JWT_SECRET', 'MFA_ENCRYPTION_KEY', 'AUDIT_KEY'].map((name) => [name, key().toString('base64url')]))
  try {
    assemble(appWith(jobs, mail), { ...keys, SEED: 'none', ...variables }, recordingLog())
    return ''
  } catch (error) {
    if (error instanceof BootError) return error.message
    throw error
  }
}

describe('mail: its variables', () => {
  const wrong: readonly [string, string][] = [
    ['MAIL_FROM', 'Sovrane <a@b.test>\r\nBcc: victim@example.com'], ['MAIL_FROM', 'Sov\nrane <a@b.test>'], ['MAIL_FROM', 'a@b.test, c@d.test'],
    ['MAIL_FROM', 'Sovrane'], ['MAIL_FROM', 'Sovrane <a@b.test> <c@d.test>'], ['MAIL_FROM', '<nobody>'],
    ['SMTP_URL', 'http://mail.test'], ['SMTP_URL', 'mail.test:25'], ['SMTP_URL', 'smtp://user:hunter2@'], ['PUBLIC_URL', 'javascript:alert(1)'], ['PUBLIC_URL', 'sovrane.test'],
  ]
  for (const [name, value] of wrong) {
    it(`refuse ${name}=${JSON.stringify(value)} without repeating it`, () => {
      const fault = faultOf({ [name]: value })
      expect(fault).to.include(name)
      expect(fault).not.to.include(value)
    })
  }

  it('may all be unset', () => expect(faultOf({})).to.equal(''))

  it('take a sender with a name, with a quoted one, and with none', () => {
    expect(readSender('Sovrane <a@b.test>')).to.deep.equal({ name: 'Sovrane', address: 'a@b.test' })
    expect(readSender('"Sovrane, Inc." <a@b.test>')).to.deep.equal({ name: 'Sovrane, Inc.', address: 'a@b.test' })
    for (const bare of ['a@b.test', '<a@b.test>', ' a@b.test ']) expect(readSender(bare)).to.deep.equal({ name: '', address: 'a@b.test' })
  })
})
