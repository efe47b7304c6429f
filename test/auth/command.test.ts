// `npm run admin -- reset-password EMAIL` and `disable-mfa EMAIL`: run as the operator does, beside a stopped or a running server.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { longTest } from '../kit/extent.ts'
import { program } from '../kit/program.ts'
import { administrator, otherPassword } from '../kit/test-server.ts'
import { challenge, enrolled } from './mfa-support.ts'
import { onHouse } from './on-house.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

onHouse("the operator's command", (house, kind) => {
  const run = async (...words: readonly string[]): Promise<{ code: unknown; out: string; err: string }> => {
    const env = { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', ...house.environment }
    const [node = '', ...rest] = program('main.ts')
    const child = spawn(node, [...rest, 'admin', ...words], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] })
    let [out, err] = ['', '']
    child.stdout.setEncoding('utf8').on('data', (text: string) => void (out += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => void (err += text))
    const [code] = (await once(child, 'close')) as unknown[]
    return { code, out, err }
  }
  /** Runs it while the server is stopped: the embedded database has one process. */
  const aside = async (...words: readonly string[]): ReturnType<typeof run> => {
    if (kind === 'postgres') return run(...words)
    for (const server of house.servers.splice(0)) await server.stop()
    try {
      return await run(...words)
    } finally {
      await house.start()
      await house.renew()
    }
  }

  it('reset-password: a new password that works, the lock lifted, the sessions ended, a suspended account active', async function () {
    this.timeout(60_000)
    const by = await house.enter()
    // A policy that a careless random password would not meet.
    const kinds = ['uppercase', 'lowercase', 'digit', 'special_char'].map((each) => `account_password_must_have_${each}`)
    for (const key of kinds) await house.set(key, true)
    await house.set('account_password_max_length', 12)
    for (let time = 0; time < 6; time += 1) await house.no('unauthenticated', 'auth-login', { email: by.email, password: otherPassword })
    await house.ok('user-update', { id: by.id, status: 'suspended' }, house.admin)
    const { code, out, err } = await aside('reset-password', by.email.toUpperCase())
    expect({ code, err }).to.deep.equal({ code: 0, err: '' })
    const password = / is (\S+) /.exec(out)?.[1] ?? ''
    expect(password).to.have.length(12)
    await house.login({ ...by, password })
    await house.no('unauthenticated', 'auth-me', {}, by)
    await house.no('unauthenticated', 'auth-refresh', { refreshToken: by.refreshToken })
    expect(JSON.stringify(house.log.lines)).to.not.include(password)
    await house.unset('account_password_max_length', ...kinds)
  })

  it('disable-mfa: the password alone lets in again', async function () {
    this.timeout(60_000)
    const by = await enrolled(house)
    expect(await challenge(house, by)).to.include({ mfaRequired: true })
    const { code, out } = await aside('disable-mfa', by.email)
    expect(code, out).to.equal(0)
    await house.no('unauthenticated', 'auth-me', {}, by)
    await house.login(by)
  })

  longTest('an unknown address and a wrong command fail and say so', async function () {
    this.timeout(60_000)
    expect(await aside('reset-password', 'nobody@example.com')).to.deep.equal({
      code: 1, out: '', err: 'The account cannot be changed: There is no account with the address nobody@example.com\n',
    })
    for (const words of [
      [], ['reset-password'], ['delete-everything', administrator.email], ['disable-mfa', 'a@example.com', 'b@example.com'],
    ]) {
      const { code, out } = await run(...words)
      expect(code).to.equal(2)
      expect(out).to.match(/^Usage: /)
    }
  })

  if (kind === 'postgres') {
    it('beside a running server open sockets end', async () => {
      const by = await house.enter()
      const socket = await house.socket(by)
      expect((await run('reset-password', by.email)).code).to.equal(0)
      expect((await socket.hear('session-expired')).args).to.deep.equal([{ reason: 'password_changed' }])
    })
  }
})
