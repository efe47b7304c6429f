// `npm run admin -- reset-password EMAIL` and `disable-mfa EMAIL`: for the operator who is locked out.
import { app } from '../../app.ts'
import { withApp } from '../../core/boot/command.ts'
import type { Server } from '../../core/boot/server.ts'
import { directoryServices } from '../../resources/directory.ts'
import { accountKey } from './lockout.ts'
import { randomPassword } from './policy.ts'

const usage = `Usage: npm run admin -- reset-password EMAIL   gives the account a new password, prints it once and ends its sessions
       npm run admin -- disable-mfa EMAIL      takes the second factor off the account and ends its sessions

The database is the one of DATABASE_URL or DATA_DIR; stop the server first when it is the embedded one.`

const say = (line: string): void => void process.stdout.write(`${line}\n`)

const userOf = async (server: Server, email: string): Promise<string> => {
  const account = await server.run(({ db }) => directoryServices.byEmail(db, email))
  if (!account) throw new Error(`There is no account with the address ${email}`)
  return account.id
}

const resetPassword = async (server: Server, email: string): Promise<void> => {
  const id = await userOf(server, email)
  const { minLength, maxLength } = await server.run((call) => call.call('auth-password-policy', {}, { as: 'system' }))
  const password = randomPassword({ minLength: Number(minLength), maxLength: Number(maxLength) })
  await server.run((call) => call.call('user-update', { id, password, status: 'active' }, { as: 'system' }))
  await server.run(({ db }) => db('attempts').where({ key: accountKey(email) }).delete())
  say(`The new password of ${email} is ${password}   (shown this once; all sessions are ended, a lock is lifted, the account is active)`)
}

const disableMfa = async (server: Server, email: string): Promise<void> => {
  const id = await userOf(server, email)
  await server.run((call) => call.call('auth-mfa-reset', { id }, { as: 'system' }))
  say(`The account ${email} no longer has a second factor; all its sessions are ended`)
}

const commands: Readonly<Record<string, (server: Server, email: string) => Promise<void>>> = {
  'reset-password': resetPassword, 'disable-mfa': disableMfa,
}

const main = async ([name = '', email, ...rest]: readonly string[]): Promise<number> => {
  const command = commands[name]
  if (!command || email === undefined || rest.length > 0) {
    say(usage)
    return name === '--help' ? 0 : 2
  }
  await withApp(app, { usual: 'error', print: say, interactive: process.stdout.isTTY }, (server) => command(server, email))
  return 0
}

main(process.argv.slice(2)).then((code) => process.exit(code), (error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(1)
})
