// The log holds no secret: none by a name, none on an error, none of any request that has one.
import { openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { io } from 'socket.io-client'
import { app } from '../../app.ts'
import { createLog } from '../../core/boot/log.ts'
import { startServer } from '../../core/boot/server.ts'
import { definePlugin } from '../../core/define/index.ts'
import { schemaFields } from '../../core/model/fields.ts'
import { onEmbedded } from '../kit/databases.ts'
import { post } from '../kit/http.ts'
import { cleanUp, freshEnvironment, temporaryDirectory } from '../kit/place.ts'
import { administrator } from '../kit/ready.ts'
import { row, success, text, type Row } from '../kit/replies.ts'
import { appWith, compiled } from '../kit/server.ts'

const opened = async (): Promise<{ log: ReturnType<typeof createLog>; read(): string }> => {
  const file = join(await temporaryDirectory(), 'log')
  const to = openSync(file, 'a')
  const log = createLog({ environment: { LOG_LEVEL: 'trace', LOG_FORMAT: 'json' }, usual: 'info', isTerminal: false, to })
  return { log, read: () => readFileSync(file, 'utf8') }
}

describe('The log', () => {
  after(cleanUp)

  it('redacts what has the name of a secret, at any place where one may stand', async () => {
    const { log, read } = await opened()
    log.info({ password: 'S3-a', input: { code: 'S3-b', newPassword: 'S3-c' }, reply: { user: { refreshToken: 'S3-d' } } }, 'one')
    log.info({ headers: { authorization: 'Bearer S3-e' }, code: 'not_found' }, 'two')
    expect(read()).to.contain('[Redacted]').and.to.contain('not_found')
    expect(read()).to.not.contain('S3-')
  })

  it('tells of an error its message, code and causes, and no values that a driver puts on it', async () => {
    const { log, read } = await opened()
    const cause = Object.assign(new Error('null value in column'), {
      code: '23502', detail: 'Failing row contains (S3-f)', where: 'S3-g', internalQuery: 'S3-h', params: ['S3-i'], bindings: ['S3-j'],
    })
    log.error({ err: new Error('the call failed', { cause }) }, 'three')
    log.error({ err: { password: 'S3-k', deep: { er: 'S3-l' } } }, 'four')
    expect(read()).to.contain('the call failed').and.to.contain('23502').and.to.contain('null value in column')
    expect(read()).to.not.contain('S3-')
  })
})

/** Fields that hold a secret, by name. */
const named = /password|token|code|secret/i

/** Every event that takes a secret, with those fields. */
const taking = (): ReadonlyMap<string, readonly string[]> => {
  const { contributors } = compiled(app)
  const declared = contributors.flatMap(({ contribution }) => contribution.operations ?? [])
    .map(({ event, input }): [string, string[]] => [event, schemaFields(input).map(([name]) => name).filter((name) => named.test(name))])
  return new Map([...declared.filter(([, names]) => names.length > 0), ['user-create', ['password']], ['user-update', ['password']]])
}

onEmbedded('The log of a server', () => {
  after(cleanUp)

  it('at its most talkative level holds nothing of the secrets that every event takes, right or wrong', async function () {
    this.timeout(300_000)
    const { log, read } = await opened()
    // A plugin that logs what it is given.
    const talkative = definePlugin({ name: 'talkative', setup: ({ log: own }) => ({
      hooks: [{ on: '*', before: ({ operation, input }) => own.info({ input, event: operation.event }, 'heard') }],
    }) })
    const environment = await freshEnvironment('embedded')
    const server = await startServer(appWith(talkative), { environment, log, print: () => undefined, interactive: false })
    const events = taking()
    expect([...events.keys()]).to.include.members(['auth-login', 'auth-reset', 'auth-mfa-verify', 'invitation-accept'])
    const given: string[] = [administrator.password]
    const ask = async (event: string, payload: Row, token?: string): Promise<Row> =>
      row((await post(server.url, event, JSON.stringify(payload), token)).body)
    try {
      const login = success(await ask('auth-login', administrator), 'auth-login')
      const token = text(login['accessToken'])
      given.push(token, text(login['refreshToken']))
      const socket = io(server.url, { auth: { token }, forceNew: true })
      await new Promise((resolve) => socket.once('session', resolve))
      let count = 0
      for (const [event, names] of events) {
        const fresh = (): Row => Object.fromEntries(names.map((name) => {
          const value = `S3cret-${name}-${(count += 1)}-Plum`
          given.push(value)
          return [name, value]
        }))
        await ask(event, fresh(), token)
        await ask(event, { ...fresh(), email: administrator.email })
        await ask(event, { ...fresh(), firstName: 'Some', lastName: 'Body', email: `some-${count}@example.com` }, token)
        await ask(event, Object.fromEntries(Object.entries(fresh()).map(([name, value]) => [name, { value }])), token)
        await socket.timeout(30_000).emitWithAck(event, fresh())
      }
      // What succeeds, and what hands a secret out.
      const made = `S3cret-made-${process.pid}-Plum`
      given.push(made)
      const person = { firstName: 'A', lastName: 'B', email: 'a@example.com', password: made }
      const user = success(await ask('user-create', person, token), 'user-create')
      success(await ask('auth-login', { email: 'a@example.com', password: made }), 'auth-login')
      success(await ask('user-update', { id: user['id'], password: `${made}-2` }, token), 'user-update')
      const setup = success(await ask('auth-mfa-setup', {}, token), 'auth-mfa-setup')
      const invited = success(await ask('invitation-create', { email: 'b@example.com' }, token), 'invitation-create')
      success(await ask('invitation-fetch', { token: invited['token'] }), 'invitation-fetch')
      const made2 = success(await ask('auth-token-create', { name: 'One' }, token), 'auth-token-create')
      given.push(text(setup['secret']), text(invited['token']), text(made2['token']))
      socket.close()
    } finally {
      await server.stop()
    }
    const lines = read()
    for (const event of events.keys()) expect(lines, event).to.contain(`"event":"${event}"`)
    expect(lines).to.contain('"msg":"heard"').and.to.contain('[Redacted]')
    expect(given.filter((secret) => lines.includes(secret))).to.deep.equal([])
    expect(lines).to.not.match(/\$2[aby]\$\d\d\$/)
  })
})
