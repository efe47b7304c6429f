// `npm run seed -- --users 1000`: fills the server's database with a believable organisation.
import { app } from '../../app.ts'
import { runCommand, withApp } from '../../core/boot/command.ts'
import type { Server } from '../../core/boot/server.ts'
import { fillLarge } from './large.ts'
import { createProgress, help, readArguments, type SeedArguments } from './terminal.ts'

const print = (line: string): void => void process.stdout.write(`${line}\n`)

const fill = async ({ run, database }: Server, { users, seed }: SeedArguments): Promise<void> => {
  const progress = createProgress(process.stdout.isTTY, print)
  let stopping = false
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void (stopping = true))
  const began = performance.now()
  print(`Adding ${users} people to the ${database.description}`)
  try {
    const filled = await fillLarge(run, { people: users, seed }, (what, done, total) => {
      progress.show(what === 'people' ? 'People' : 'Departments', done, total)
      return !stopping
    })
    progress.end()
    const took = ((performance.now() - began) / 1000).toFixed(1)
    if (filled.people < users) process.exitCode = 130
    print(filled.people < users
      ? `Stopped: ${filled.people} of ${users} people were added; they stay`
      : `Done: ${users} people in ${filled.departments} departments, in ${took} s`)
  } finally {
    progress.end()
  }
}

await runCommand({
  trouble: 'The database cannot be filled',
  hint: 'npm run seed -- --help explains the options',
  async main(argv) {
    const wanted = readArguments(argv)
    if (wanted === 'help') return print(help)
    await withApp(app, { usual: 'warn', print, interactive: process.stdout.isTTY }, (server) => fill(server, wanted))
  },
})
