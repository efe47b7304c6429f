// `sovrane admin reset-password EMAIL` and `disable-mfa EMAIL`: for the operator who is locked out.
import type { Program, StartedApp, Terminal } from '#sovrane'
import { directoryServices } from '../../resources/directory.ts'
import { accountKey } from './lockout.ts'
import { randomPassword } from './policy.ts'

type Print = Terminal['print']

const usageOf = (called: string): string => `Usage: ${called} reset-password EMAIL
         gives the account a new password, prints it once and ends its sessions
       ${called} disable-mfa EMAIL
         takes the second factor off the account and ends its sessions

The database is the one of DATABASE_URL or DATA_DIR; stop the server first when it is the embedded one.`

const userOf = async (app: StartedApp, email: string): Promise<string> => {
  const account = await app.run(({ db }) => directoryServices.byEmail(db, email))
  if (!account) throw new Error(`There is no account with the address ${email}`)
  return account.id
}

const resetPassword = async (app: StartedApp, email: string, print: Print): Promise<void> => {
  const id = await userOf(app, email)
  const { minLength, maxLength } = await app.run((call) => call.call('auth-password-policy', {}, { as: 'system' }))
  const password = randomPassword({ minLength: Number(minLength), maxLength: Number(maxLength) })
  await app.run((call) => call.call('user-update', { id, password, status: 'active' }, { as: 'system' }))
  await app.run(({ db }) => db('attempts').where({ key: accountKey(email) }).delete())
  print(`The new password of ${email} is ${password}   (shown this once; all sessions are ended, a lock is lifted, the account is active)`)
}

const disableMfa = async (app: StartedApp, email: string, print: Print): Promise<void> => {
  const id = await userOf(app, email)
  await app.run((call) => call.call('auth-mfa-reset', { id }, { as: 'system' }))
  print(`The account ${email} no longer has a second factor; all its sessions are ended`)
}

const commands: Readonly<Record<string, typeof resetPassword>> = { 'reset-password': resetPassword, 'disable-mfa': disableMfa }

export const program: Program = {
  trouble: 'The account cannot be changed',
  hint: usageOf,
  async main([name = '', email, ...rest], { called, print, withApp }) {
    const command = Object.hasOwn(commands, name) ? commands[name] : undefined
    if (!command || email === undefined || rest.length > 0) {
      if (name !== '--help') process.exitCode = 2
      return print(usageOf(called))
    }
    await withApp({ usual: 'error' }, (app) => command(app, email, print))
  },
}
