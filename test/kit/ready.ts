// The ready databases of `app.ts`, made by the real server as a process of its own. Imports nothing of the product.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { hashOf, makingPatience, readyDatabases, type Ready } from '../../testing/ready.ts'
import { program } from './program.ts'

export { administer, administrator, testDatabaseUrl, urlOf, type Kind } from '../../testing/ready.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** Starts the server and stops it once it is up. */
const startOnce = async (place: Readonly<Record<string, string>>): Promise<void> => {
  const { PATH = '' } = process.env
  const [node = '', ...rest] = program('main.ts')
  const child = spawn(node, rest, { cwd: root, env: { PATH, TMPDIR: tmpdir(), ...place }, stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = once(child, 'exit')
  const timer = setTimeout(() => child.kill('SIGKILL'), makingPatience)
  let words = ''
  let isUp = false
  const hear = (text: string): void => {
    words += text
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(words)?.[0]
    if (isUp || url === undefined) return
    isUp = true
    // Once it answers it also listens to signals: before, it would be killed by one.
    void fetch(`${url}/health/ready`).catch(() => undefined).finally(() => child.kill('SIGTERM'))
  }
  child.stdout.setEncoding('utf8').on('data', hear)
  child.stderr.setEncoding('utf8').on('data', hear)
  const [code] = await ended as [number | null]
  clearTimeout(timer)
  if (!isUp || code !== 0)
    throw new Error(`The server that was to make a ready database ended with ${code ?? 'a signal'}.\n${words.slice(-4000)}`)
}

const sources = ['app.ts', 'main.ts', 'package-lock.json', 'testing/ready.ts', 'test/kit/ready.ts']

export const ready: Ready = readyDatabases({ hash: () => hashOf(root, ['core', 'plugins', 'resources'], sources), startOnce })

export const commonEnvironment = (): Record<string, string> => ready.commonEnvironment()

/** Makes a PostgreSQL database of this name that is ready. */
export const copyReadyPostgres = (database: string): Promise<void> => ready.copyPostgres(database)

/** Puts an embedded database that is ready into a server's DATA_DIR. */
export const copyReadyEmbedded = (dataDir: string): Promise<void> => ready.copyEmbedded(dataDir)
