// A PostgreSQL cluster of the test's own, and a standby of it that can be promoted: what the cluster of the run must not suffer.
import { execFile } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { chown, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { undoLater } from '../kit/place.ts'
import { freePort } from '../kit/port.ts'

const run = promisify(execFile)

const needed = ['initdb', 'pg_basebackup', 'pg_ctl'] as const

/** Where the programs of a server are: on Debian in a folder of each version. Undefined: nowhere. */
const folder = ((): string | undefined => {
  const debian = '/usr/lib/postgresql'
  const versions = existsSync(debian) ? readdirSync(debian).toSorted((a, b) => Number(b) - Number(a)) : []
  const folders = [...versions.map((version) => join(debian, version, 'bin')), ...(process.env['PATH'] ?? '').split(delimiter)]
  return folders.find((place) => needed.every((name) => existsSync(join(place, name))))
})()

/** Why there can be no cluster here; undefined: there can. */
export const lacking = folder === undefined ? `${needed.join(', ')} were not found` : undefined

/** PostgreSQL will not run as root. */
const owner = async (): Promise<{ uid?: number; gid?: number }> => {
  if (process.getuid?.() !== 0) return {}
  const idOf = async (flag: string): Promise<number> => Number((await run('id', [flag, 'postgres'])).stdout)
  return { uid: await idOf('-u'), gid: await idOf('-g') }
}

export interface Cluster {
  readonly port: number
  /** The process that starts all others. */
  postmaster(): Promise<number>
  start(): Promise<void>
  /** At once, as by a power cut. */
  stop(): Promise<void>
  /** Stops all its processes where they are; gives what lets them go on. */
  pause(): Promise<() => void>
  promote(): Promise<void>
  /** Makes a standby that follows this one, and starts it. */
  standby(): Promise<Cluster>
}

const program = async (name: (typeof needed)[number], args: readonly string[]): Promise<void> => {
  await run(join(folder ?? '', name), args, { ...await owner(), cwd: '/', timeout: 60_000 })
}

/** Processes that the pausing one started, too, as they are when it can start no more. */
const pauseAll = async (first: number): Promise<() => void> => {
  process.kill(first, 'SIGSTOP')
  const { stdout } = await run('ps', ['-A', '-o', 'pid=,ppid='])
  const children = stdout.split('\n').map((line) => line.trim().split(/\s+/).map(Number))
    .flatMap(([pid, parent]) => (parent === first && pid !== undefined ? [pid] : []))
  const all = [first, ...children]
  const send = (signal: NodeJS.Signals): void => {
    for (const pid of all) {
      try {
        process.kill(pid, signal)
      } catch {
        // It has ended meanwhile.
      }
    }
  }
  send('SIGSTOP')
  return () => send('SIGCONT')
}

const at = (home: string, port: number): Cluster => {
  const data = join(home, 'data')
  const control = (...args: readonly string[]): Promise<void> => program('pg_ctl', ['-D', data, '-s', '-w', ...args])
  const start = (): Promise<void> =>
    control('-l', join(home, 'log'), '-o', `-p ${port} -k ${home} -c listen_addresses=127.0.0.1 -c fsync=off -c max_wal_senders=4`, 'start')
  const postmaster = async (): Promise<number> => Number((await readFile(join(data, 'postmaster.pid'), 'utf8')).split('\n', 1)[0])
  const cluster: Cluster = {
    port, postmaster, start,
    stop: () => control('-m', 'immediate', 'stop'),
    pause: async () => pauseAll(await postmaster()),
    promote: () => control('promote'),
    async standby() {
      const other = await place()
      await program('pg_basebackup', ['-D', join(other, 'data'), '-R', '-c', 'fast', '-d', `host=127.0.0.1 port=${port} user=root`])
      return started(at(other, await freePort()))
    },
  }
  return cluster
}

const place = async (): Promise<string> => {
  const home = await mkdtemp(join(tmpdir(), 'sovrane-cluster-'))
  const { uid, gid } = await owner()
  if (uid !== undefined && gid !== undefined) await chown(home, uid, gid)
  undoLater(() => rm(home, { recursive: true, force: true }))
  return home
}

const started = async (cluster: Cluster): Promise<Cluster> => {
  await cluster.start()
  undoLater(() => cluster.stop().catch(() => undefined))
  return cluster
}

/** Makes and starts one. `cleanUp` takes it away again, and its standbys. */
export const startCluster = async (): Promise<Cluster> => {
  const home = await place()
  await program('initdb', ['-D', join(home, 'data'), '-U', 'root', '--auth=trust', '--no-sync', '--encoding=UTF8', '--locale=C.UTF-8'])
  return started(at(home, await freePort()))
}
