// limit: the leanest honest server on socket.io and pg. Checks by hand, named statements; no rights, no audit, no feed.
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Server } from 'socket.io'
import { Decoder, Encoder, type Packet } from 'socket.io-parser'
import { checks, fieldsOf, idOf, pageOf, payloadOf, Refusal, type Payload } from './checks.ts'
import { openDatabase } from './database.ts'
import { statements, updating, type Statement } from './statements.ts'
import { createTokens, proves } from './tokens.ts'

const database = await openDatabase(process.env)
const tokens = createTokens(process.env['JWT_SECRET'] ?? randomUUID())
const http = createServer()
/** Nothing that is sent is binary: it need not be looked through for it. */
class JsonEncoder extends Encoder {
  override encode({ type, nsp, id, data }: Packet): string[] {
    return [`${type}${nsp === '/' ? '' : `${nsp},`}${id ?? ''}${data === undefined ? '' : JSON.stringify(data)}`]
  }
}

const io = new Server(http, {
  perMessageDeflate: false, serveClient: false, transports: ['websocket'], parser: { Encoder: JsonEncoder, Decoder },
})

const one = async (statement: Statement, values: readonly unknown[]): Promise<Payload> => {
  const [row] = await database.query(statement, values)
  if (!row) throw new Refusal('not_found')
  return row
}

const list = async (rows: Statement, count: Statement, payload: Payload): Promise<Payload> => {
  const { page, limit } = pageOf(payload)
  const [items, [counted]] = await Promise.all([database.query(rows, [limit, (page - 1) * limit]), database.query(count, [])])
  return { items, page, limit, total: counted?.['total'] }
}

const tell = (resource: string, action: string, row: Payload): Payload => {
  io.emit(`${resource}-changed`, { id: row['id'], action, version: row['version'] })
  return row
}

const update = async (resource: 'user' | 'site', payload: Payload): Promise<Payload> => {
  const table = `${resource}s` as const
  const fields = fieldsOf(table, payload)
  return tell(resource, 'update', await one(updating(table, fields), [idOf(payload), ...fields.map((name) => payload[name])]))
}

const createUser = async (payload: Payload): Promise<Payload> => {
  fieldsOf('users', payload)
  for (const name of ['firstName', 'lastName', 'email']) if (payload[name] === undefined) throw new Refusal(`invalid_payload: ${name}`)
  const values = ['firstName', 'lastName', 'email', 'status', 'picture', 'metadata', 'siteId', 'departmentId', 'locale'].map((name) =>
    payload[name] ?? null)
  return tell('user', 'create', await one(statements.createUser, [randomUUID(), ...values]))
}

const logIn = async ({ email, password }: Payload): Promise<Payload> => {
  if (checks.users['email']?.(email) !== true || typeof password !== 'string') throw new Refusal('invalid_payload')
  const [account] = await database.query(statements.account, [email])
  if (!account || !(await proves(password, String(account['hash'])))) throw new Refusal('unauthenticated')
  return { accessToken: tokens.issue(String(account['id'])), user: await one(statements.getUser, [account['id']]) }
}

const handlers: Readonly<Record<string, (payload: Payload) => Payload | Promise<Payload>>> = {
  'ping': () => ({}),
  'user-get': (payload) => one(payload['include'] === undefined ? statements.getUser : statements.getUserWithRelations, [idOf(payload)]),
  'user-list-request': (payload) => list(statements.listUsers, statements.countUsers, payload),
  'site-list-request': (payload) => list(statements.listSites, statements.countSites, payload),
  'user-create': createUser,
  'user-update': (payload) => update('user', payload),
  'site-update': (payload) => update('site', payload),
  'auth-login': logIn,
}

type Reply = (answer: unknown) => void
const refuse = (reply: Reply, error: unknown): void => reply({ error: error instanceof Refusal ? error.message : 'internal' })

io.use((socket, next) => {
  const { token } = socket.handshake.auth as { token?: unknown }
  // The first log-in has no token yet: a socket without one may do that and nothing else.
  if (token === undefined) return next()
  const userId = typeof token === 'string' ? tokens.read(token) : undefined
  if (userId === undefined) return next(new Error('Unauthorized'))
  database.query(statements.admit, [userId]).then(([row]) => {
    socket.data = { userId }
    next(row ? undefined : new Error('Unauthorized'))
  }, () => next(new Error('unavailable')))
})

io.on('connection', (socket) => {
  const { userId } = socket.data as { userId?: string }
  for (const [event, handler] of Object.entries(handlers)) {
    if (userId === undefined && event !== 'auth-login') continue
    socket.on(event, (payload: unknown, reply: Reply) => {
      try {
        const answer = handler(payloadOf(payload))
        if (answer instanceof Promise) answer.then(reply, (error: unknown) => refuse(reply, error))
        else reply(answer)
      } catch (error) {
        refuse(reply, error)
      }
    })
  }
})

http.listen(0, '127.0.0.1', () => process.stdout.write(`Listening on http://127.0.0.1:${(http.address() as AddressInfo).port}\n`))
process.once('SIGTERM', () => {
  void io.close().then(() => database.close()).finally(() => process.exit(0))
})
