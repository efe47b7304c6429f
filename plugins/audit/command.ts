// `npm run audit -- verify | export | retain`: the audit log from the command line.
import { once } from 'node:events'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Knex } from 'knex'
import { pino } from 'pino'
import { BootError } from '../../core/boot/faults.ts'
import { startServer, type Server } from '../../core/boot/server.ts'
import type { App } from '../../core/define/index.ts'
import { ArgumentError, help, readArguments, type AuditArguments } from './arguments.ts'
import { exportLines } from './export.ts'
import { audit, type Audit } from './index.ts'
import type { Period } from './verify.ts'

const say = (line: string): void => void process.stderr.write(`${line}\n`)

/** A program is given the app, and does not import it. Sources and build lie alike. */
const loadApp = async (): Promise<App> => {
  const { app } = (await import(new URL(`../../app${extname(fileURLToPath(import.meta.url))}`, import.meta.url).href)) as { app: App }
  return app
}

const start = async (): Promise<Server> => {
  const log = pino({ level: process.env['LOG_LEVEL'] ?? 'warn' }, pino.destination({ dest: 2, sync: true }))
  const environment = { ...process.env, SEED: 'none' }
  return startServer(await loadApp(), { environment, log, print: say, interactive: false, listen: false })
}

/** Writes as fast as the reader takes it. */
const write = async (line: string): Promise<void> => {
  if (!process.stdout.write(`${line}\n`)) await once(process.stdout, 'drain')
}

const printHead = async (db: Knex, services: Audit): Promise<void> => {
  const head = await services.head({ db })
  say(head ? `head ${head.pos} ${head.seal}` : 'head none')
}

const exportAll = async (db: Knex, services: Audit, period: Period): Promise<void> => {
  let count = 0
  for await (const line of exportLines(db, period)) {
    await write(line)
    count += 1
  }
  say(`${count} entries`)
  await printHead(db, services)
}

const verifyAll = async (db: Knex, services: Audit, period: Period): Promise<void> => {
  const { ok, checked, firstBroken, reason } = await services.verify({ db }, period)
  say(ok ? `ok: ${checked} entries` : `ALTERED (${reason ?? 'unknown'}) at ${firstBroken ?? 'the beginning'}, after ${checked} entries were checked`)
  await printHead(db, services)
  if (!ok) process.exitCode = 1
}

const perform = async ({ database, assembly }: Server, { command, ...period }: AuditArguments): Promise<void> => {
  const services = assembly.contributors.find(({ plugin }) => plugin === audit)?.contribution.services as Audit | undefined
  if (!services) throw new Error('the plugin "audit" is not in app.ts')
  if (command === 'retain') return say((await services.retain()).join('\n') || 'nothing is old enough')
  await (command === 'verify' ? verifyAll : exportAll)(database.knex, services, period)
}

const main = async (): Promise<void> => {
  const wanted = readArguments(process.argv.slice(2))
  if (wanted === 'help') return say(help)
  const server = await start()
  try {
    await perform(server, wanted)
  } finally {
    await server.stop()
  }
}

main().catch((error: unknown) => {
  const isArgument = error instanceof ArgumentError
  const message = error instanceof Error ? error.message : String(error)
  say(isArgument || error instanceof BootError ? message : `The audit log cannot be read: ${message}`)
  if (isArgument) say('\nnpm run audit -- --help explains the options')
  process.exitCode = isArgument ? 2 : 1
})
