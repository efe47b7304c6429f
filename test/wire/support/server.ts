// Starts the real server as a child process on a database of its own, and takes everything away after it.

import { spawn } from 'node:child_process'
import type { ChildProcessByStdio } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { program } from '../../kit/program.ts'
import { administer, administrator, copyReadyEmbedded, copyReadyPostgres, urlOf, type Kind } from '../../kit/ready.ts'

export type { Kind }
export { administrator }

/** The origins that every server of this suite is told to allow, beside its own. */
export const allowedOrigins = ['https://app.example', 'https://second.example'] as const

const root = fileURLToPath(new URL('../../../', import.meta.url))
const startDeadline = 90_000
const stopDeadline = 30_000

type Child = ChildProcessByStdio<null, Readable, Readable>

export interface Server {
  readonly kind: Kind
  /** `http://127.0.0.1:<port>`, the same after a restart. */
  readonly url: string
  /** The signing secret given by environment, where one was. */
  readonly secret: string | undefined
  /** The texts of the mails so far, which the server writes to files here. */
  mails(): Promise<string[]>
  /** Fails, with the last words of the process, if it has ended without being asked to. */
  check(): void
  /** Sends SIGTERM and waits for the end of the process. */
  terminate(): Promise<void>
  /** Starts it again on the same port and data. */
  restart(): Promise<void>
  /** Ends the process and removes its database and directory. Fails if the process had died before. */
  stop(): Promise<void>
}

interface Launched {
  readonly child: Child
  readonly url: string
  readonly lastWords: () => string
}

async function launch(env: Readonly<Record<string, string>>): Promise<Launched> {
  const [node = '', ...rest] = program('main.ts')
  const child = spawn(node, rest, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] })
  let out = ''
  let err = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => { err = (err + text).slice(-8_000) })
  const url = await new Promise<string>((resolve, reject) => {
    const fail = (why: string): void => {
      child.kill('SIGKILL')
      reject(new Error(`The server did not start (${why}).\n${out.slice(-2_000)}\n${err}`))
    }
    const timer = setTimeout(() => fail(`no address printed within ${startDeadline} ms`), startDeadline)
    const ended = (code: number | null, signal: string | null): void => {
      clearTimeout(timer)
      fail(`it ended with ${code ?? signal ?? 'nothing'}`)
    }
    child.once('exit', ended)
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out = (out + text).slice(-8_000)
      const found = /http:\/\/127\.0\.0\.1:\d+/.exec(out)
      if (found === null) return
      clearTimeout(timer)
      child.off('exit', ended)
      resolve(found[0])
    })
  })
  return { child, url, lastWords: () => err }
}

async function end(child: Child): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), stopDeadline)
  await gone
  clearTimeout(timer)
}

export async function startServer(kind: Kind, extra: Readonly<Record<string, string>> = {}): Promise<Server> {
  const directory = await mkdtemp(join(tmpdir(), 'wire-'))
  const env: Record<string, string> = {
    PATH: process.env['PATH'] ?? '',
    HOME: directory,
    TMPDIR: tmpdir(),
    PORT: '0',
    HOST: '127.0.0.1',
    DATA_DIR: join(directory, 'data'),
    ADMIN_EMAIL: administrator.email,
    ADMIN_PASSWORD: administrator.password,
    SEED: 'none',
    LOG_LEVEL: 'error',
    RATE_LIMIT_EVENTS: '0',
    BCRYPT_COST: '4',
    // On a machine that others use too.
    DATABASE_ACQUIRE_TIMEOUT: '60000',
    DATABASE_STATEMENT_TIMEOUT: '60000',
    CORS_ORIGIN: allowedOrigins.join(','),
  }
  const database = `wire_${randomBytes(6).toString('hex')}`
  if (kind === 'postgres') {
    await copyReadyPostgres(database)
    env['DATABASE_URL'] = urlOf(database)
    for (const key of ['JWT_SECRET', 'MFA_ENCRYPTION_KEY', 'AUDIT_KEY']) env[key] = randomBytes(48).toString('base64')
  } else {
    // Without keys: it makes its own.
    await copyReadyEmbedded(join(directory, 'data'))
  }
  Object.assign(env, extra)

  const clear = async (): Promise<void> => {
    if (kind === 'postgres') await administer(`drop database if exists ${database} with (force)`)
    await rm(directory, { recursive: true, force: true })
  }

  let running: Launched
  try {
    running = await launch(env)
  } catch (error) {
    await clear()
    throw error
  }
  const { url } = running
  let wanted = true
  const check = (): void => {
    const { child, lastWords } = running
    const ended = child.exitCode ?? child.signalCode
    if (wanted && ended !== null) throw new Error(`The server ended by itself with ${ended}.\n${lastWords()}`)
  }

  return {
    kind,
    url,
    secret: env['JWT_SECRET'],
    check,
    mails: async () => {
      const folder = join(directory, 'data', 'mail')
      const files = (await readdir(folder).catch((): string[] => [])).filter((name) => name.endsWith('.eml'))
      const sources = await Promise.all(files.map(async (name) => readFile(join(folder, name), 'utf8')))
      // Quoted-printable: long lines are broken, and `=` is written in hexadecimal.
      return sources.map((source) => source.replaceAll(/=\r?\n/g, '').replaceAll('=3D', '='))
    },
    async terminate() {
      wanted = false
      await end(running.child)
    },
    async restart() {
      running = await launch({ ...env, PORT: new URL(url).port })
      wanted = true
    },
    async stop() {
      try {
        check()
      } finally {
        wanted = false
        await end(running.child)
        await clear()
      }
    },
  }
}
