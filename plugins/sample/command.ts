// `sovrane seed --users 1000`: fills the server's database with a believable organisation.
import type { Program, StartedApp } from '#sovrane'
import { fillLarge } from './large.ts'
import { createProgress, helpOf, readArguments, type SeedArguments } from './terminal.ts'

const fill = async ({ run, database }: StartedApp, { users, seed }: SeedArguments, print: (line: string) => void): Promise<void> => {
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

export const program: Program = {
  trouble: 'The database cannot be filled',
  hint: (called) => `${called} --help explains the options`,
  async main(argv, { called, print, withApp }) {
    const wanted = readArguments(argv, called)
    if (wanted === 'help') return print(helpOf(called))
    await withApp({ usual: 'warn' }, (app) => fill(app, wanted, print))
  },
}
