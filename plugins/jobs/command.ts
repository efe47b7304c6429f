// `npm run jobs -- failed` and `retry ID`: for the operator who wants to see what was given up, and try it again.
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { pino } from 'pino'
import { startServer, type Server } from '../../core/boot/server.ts'
import type { App } from '../../core/define/index.ts'
import { failedJobs, reviveJob } from './table.ts'

const usage = `Usage: npm run -s jobs -- failed     lists the jobs that were given up, the newest first; they are kept for two weeks
       npm run -s jobs -- retry ID   lets one run again, as often as a new one

The database is the one of DATABASE_URL or DATA_DIR; stop the server first when it is the embedded one.`

const say = (line: string): void => void process.stdout.write(`${line}\n`)

/** A program is given the app, and does not import it. Sources and build lie alike. */
const loadApp = async (): Promise<App> => {
  const { app } = (await import(new URL(`../../app${extname(fileURLToPath(import.meta.url))}`, import.meta.url).href)) as { app: App }
  return app
}

const list = async (server: Server): Promise<void> => {
  const rows = await server.run(({ db }) => failedJobs(db))
  if (rows.length === 0) say('no job was given up')
  for (const { id, name, attempts, failed_at: at, last_error: reason } of rows) {
    say(`${at.toISOString()}  ${name}  ${id}  attempts ${attempts}  ${reason ?? ''}`)
  }
}

const retry = async (server: Server, id: string): Promise<void> => {
  const count = await server.run(({ db }) => reviveJob(db, id))
  if (count === 0) throw new Error(`No job with the id ${id} was given up`)
  say(`The job ${id} will run again`)
}

const main = async ([command, id, ...rest]: readonly string[]): Promise<number> => {
  const isKnown = (command === 'failed' && id === undefined) || (command === 'retry' && id !== undefined && rest.length === 0)
  if (!isKnown) {
    say(usage)
    return command === '--help' ? 0 : 2
  }
  const server = await startServer(await loadApp(), {
    environment: { ...process.env, SEED: 'none' }, log: pino({ level: 'error' }, pino.destination(2)), print: say, interactive: false, listen: false,
  })
  try {
    await (id === undefined ? list(server) : retry(server, id))
    return 0
  } finally {
    await server.stop()
  }
}

main(process.argv.slice(2)).then((code) => process.exit(code), (error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(1)
})
