// `sovrane jobs failed` and `retry ID`: for the operator who wants to see what was given up, and try it again.
import type { Program, StartedApp, Terminal } from '#sovrane'
import { failedJobs, reviveJob } from './table.ts'

type Print = Terminal['print']

const usageOf = (called: string): string => `Usage: ${called} failed
         lists the jobs that were given up, the newest first; they are kept for two weeks
       ${called} retry ID
         lets one run again, as often as a new one

The database is the one of DATABASE_URL or DATA_DIR; stop the server first when it is the embedded one.`

const list = async ({ run }: StartedApp, print: Print): Promise<void> => {
  const rows = await run(({ db }) => failedJobs(db))
  if (rows.length === 0) print('no job was given up')
  for (const { id, name, attempts, failed_at: at, last_error: reason } of rows) {
    print(`${at.toISOString()}  ${name}  ${id}  attempts ${attempts}  ${reason ?? ''}`)
  }
}

const retry = async ({ run }: StartedApp, id: string, print: Print): Promise<void> => {
  const count = await run(({ db }) => reviveJob(db, id))
  if (count === 0) throw new Error(`No job with the id ${id} was given up`)
  print(`The job ${id} will run again`)
}

export const program: Program = {
  trouble: 'The command has failed',
  hint: usageOf,
  async main([command, id, ...rest], { called, print, withApp }) {
    const isKnown = (command === 'failed' && id === undefined) || (command === 'retry' && id !== undefined && rest.length === 0)
    if (!isKnown) {
      if (command !== '--help') process.exitCode = 2
      return print(usageOf(called))
    }
    await withApp({ usual: 'error', interactive: false }, (app) => (id === undefined ? list(app, print) : retry(app, id, print)))
  },
}
