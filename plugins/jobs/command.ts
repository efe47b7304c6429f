// `npm run jobs -- failed` and `retry ID`: for the operator who wants to see what was given up, and try it again.
import { app } from '../../app.ts'
import { runCommand, withApp } from '../../core/boot/command.ts'
import type { Server } from '../../core/boot/server.ts'
import { failedJobs, reviveJob } from './table.ts'

const usage = `Usage: npm run -s jobs -- failed     lists the jobs that were given up, the newest first; they are kept for two weeks
       npm run -s jobs -- retry ID   lets one run again, as often as a new one

The database is the one of DATABASE_URL or DATA_DIR; stop the server first when it is the embedded one.`

const say = (line: string): void => void process.stdout.write(`${line}\n`)

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

await runCommand({
  trouble: 'The command has failed',
  hint: usage,
  async main([command, id, ...rest]) {
    const isKnown = (command === 'failed' && id === undefined) || (command === 'retry' && id !== undefined && rest.length === 0)
    if (!isKnown) {
      process.exitCode = command === '--help' ? 0 : 2
      return say(usage)
    }
    await withApp(app, { usual: 'error', print: say, interactive: false }, (server) =>
      id === undefined ? list(server) : retry(server, id),
    )
  },
})
