// The first administrator: made once, with a password that only he sees; a weak one refuses to start.
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { app } from '../../app.ts'
import { startServer, type Server } from '../../core/boot/server.ts'
import { recordingLog, type Recorded } from '../kit/server.ts'
import { onAnyDatabase } from '../kit/databases.ts'
import { cleanUp, freshEnvironment, freshPlace, type Place } from '../kit/place.ts'
import { post } from '../kit/http.ts'
import { refusal, row, success, type Row } from '../kit/replies.ts'

const weak = [
  'short-1', '1234567890', 'aaaaaaaaaaaaaa', 'password123', 'admin-admin-1', 'Changeme!2026', ' '.repeat(12), 'é'.repeat(70), 'qwertyuiop',
  'Summer2026!', 'Root-Example-1', 'Sovrane-2026!', 'Administrator-1',
] as const

onAnyDatabase('auth: a weak ADMIN_PASSWORD', (kind) => {
  // One database for all: a start that is refused leaves nobody in it.
  let place: Place
  before(async function () {
    this.timeout(120_000)
    place = await freshPlace(kind, 'empty')
  })
  after(() => place.remove())

  const start = (password: string): Promise<Server> => {
    const environment = { ...place.environment, ADMIN_EMAIL: 'Root@Example.com', ADMIN_PASSWORD: password }
    return startServer(app, { environment, log: recordingLog(), print: () => undefined, interactive: false })
  }

  for (const password of weak) {
    it(`refuses to start: ${JSON.stringify(password.slice(0, 16))}`, async () => {
      const outcome = await start(password).then((server) => server.stop().then(() => 'started'), (error: Error) => error.message)
      expect(outcome).to.match(/ADMIN_PASSWORD/).and.not.include(password)
    })
  }

  it('leaves no account: a better one is taken after them', async () => {
    const server = await start('Plum-Kettle-41-Orbit')
    try {
      success((await post(server.url, 'auth-login', JSON.stringify({ email: 'root@example.com', password: 'Plum-Kettle-41-Orbit' }))).body)
      const { rows }: { rows: Row[] } = await server.database.knex.raw('select email from users')
      expect(rows).to.deep.equal([{ email: 'root@example.com' }])
    } finally {
      await server.stop()
    }
  })
})

onAnyDatabase('auth: the first administrator', (kind) => {
  let environment: Record<string, string>
  let log: Recorded
  const running: Server[] = []
  const printed: string[] = []

  const start = async (change: Readonly<Record<string, string | undefined>> = {}, interactive = false): Promise<Server> => {
    const given = Object.fromEntries(Object.entries({ ...environment, ...change }).filter((entry): entry is [string, string] =>
      entry[1] !== undefined))
    const server = await startServer(app, { environment: given, log, print: (line) => void printed.push(line), interactive })
    running.push(server)
    return server
  }
  const stop = async (): Promise<void> => {
    for (const server of running.splice(0)) await server.stop()
  }
  const login = async (server: Server, email: string, password: string): Promise<Row> =>
    row((await post(server.url, 'auth-login', JSON.stringify({ email, password }))).body)

  beforeEach(async () => {
    environment = { ...await freshEnvironment(kind, 'empty'), ADMIN_EMAIL: 'Root@Example.com' }
    log = recordingLog()
    printed.length = 0
  })
  afterEach(async () => {
    await stop()
    await cleanUp()
  })

  it("ADMIN_PASSWORD '' counts as unset", async () => {
    await start({ ADMIN_PASSWORD: '' })
  })

  it('a given one works and is neither printed nor logged', async () => {
    const server = await start({ ADMIN_PASSWORD: 'Plum-Kettle-41-Orbit' })
    success(await login(server, 'root@example.com', 'Plum-Kettle-41-Orbit'))
    expect(JSON.stringify([printed, log.lines])).to.not.include('Plum-Kettle')
  })

  it('without one a random one is printed once on the terminal, and not logged', async () => {
    const server = await start({ ADMIN_PASSWORD: undefined }, true)
    const password = /Password\s+(\S+)/.exec(printed.join('\n'))?.[1] ?? ''
    expect(password).to.match(/^\S{20}$/)
    success(await login(server, 'root@example.com', password))
    expect(JSON.stringify(log.lines)).to.not.include(password)
    await stop()
    printed.length = 0
    await start({ ADMIN_PASSWORD: undefined }, true)
    expect(printed.join('')).to.not.match(/Password/)
  })

  it('without a terminal it is in a file that only its owner reads', async () => {
    const server = await start({ ADMIN_PASSWORD: undefined })
    const file = join(environment['DATA_DIR'] ?? '', 'first-password')
    expect((await stat(file)).mode & 0o777).to.equal(0o600)
    const password = (await readFile(file, 'utf8')).trim()
    success(await login(server, 'root@example.com', password))
    expect(JSON.stringify([printed, log.lines])).to.not.include(password)
  })

  it('there is no second: another address and password at the next start open nothing', async () => {
    await start()
    await stop()
    const server = await start({ ADMIN_EMAIL: 'evil@example.com', ADMIN_PASSWORD: 'Other-Kettle-42-Orbit' })
    refusal(await login(server, 'evil@example.com', 'Other-Kettle-42-Orbit'), 'unauthenticated')
    refusal(await login(server, 'root@example.com', 'Other-Kettle-42-Orbit'), 'unauthenticated')
    success(await login(server, 'root@example.com', environment['ADMIN_PASSWORD'] ?? ''))
  })

  it('once there is one, ADMIN_PASSWORD need not meet a policy that has become stricter', async () => {
    const first = await start()
    const { accessToken } = success(await login(first, 'root@example.com', environment['ADMIN_PASSWORD'] ?? ''))
    success(
      (await post(first.url, 'config-update', JSON.stringify({ key: 'account_password_min_length', value: 40 }), String(accessToken))).body,
    )
    await stop()
    success(await login(await start(), 'root@example.com', environment['ADMIN_PASSWORD'] ?? ''))
  })

  it('nor is there an account of the house', async () => {
    const server = await start()
    const { rows }: { rows: Row[] } =
      await server.database.knex.raw('select u.email, c.user_id is not null as opens from users u left join credentials c on c.user_id = u.id')
    expect(rows).to.deep.equal([{ email: 'root@example.com', opens: true }])
    expect((await readdir(environment['DATA_DIR'] ?? '')).filter((name) => name === 'first-password')).to.deep.equal([])
  })

  if (kind === 'postgres') {
    it('servers that start together make one', async () => {
      const servers = await Promise.all(Array.from({ length: 4 }, () => start({ ADMIN_PASSWORD: undefined })))
      const [server] = servers
      const { rows }: { rows: Row[] } = await (server as Server).database.knex.raw('select count(*)::int as n from users')
      expect(rows).to.deep.equal([{ n: 1 }])
      const password = (await readFile(join(environment['DATA_DIR'] ?? '', 'first-password'), 'utf8')).trim()
      success(await login(server as Server, 'root@example.com', password))
    })
  }
})
