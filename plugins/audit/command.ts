// `sovrane audit verify | export | retain`: the audit log from the command line.
import { once } from 'node:events'
import type { Knex } from 'knex'
import type { Program, StartedApp } from '#sovrane'
import { openOutput } from '../../core/boot/output.ts'
import { helpOf, readArguments, type AuditArguments } from './arguments.ts'
import type { Audit } from './index.ts'
import { exportLines, type Period } from './log.ts'

const instead = '`npm run -s audit -- export …`, or --output <file>'

const say = (line: string): void => void process.stderr.write(`${line}\n`)

/** Writes as fast as the reader takes it. */
const write = async (output: NodeJS.WritableStream, line: string): Promise<void> => {
  if (!output.write(`${line}\n`)) await once(output, 'drain')
}

/** Until all of it is written; the standard output stays open. */
const finish = async (output: NodeJS.WritableStream): Promise<void> => {
  if (output === process.stdout) return
  output.end()
  await once(output, 'finish')
}

const printHead = async (db: Knex, services: Audit): Promise<void> => {
  const head = await services.head({ db })
  say(head ? `head ${head.pos} ${head.seal}` : 'head none')
}

const exportAll = async (
  db: Knex, services: Audit,
  { period, output }: { readonly period: Period; readonly output: NodeJS.WritableStream },
): Promise<void> => {
  let count = 0
  for await (const line of exportLines(db, period)) {
    await write(output, line)
    count += 1
  }
  await finish(output)
  say(`${count} entries`)
  await printHead(db, services)
}

const verifyAll = async (db: Knex, services: Audit, period: Period): Promise<void> => {
  // What an ended server left.
  await services.seal()
  const { ok, checked, firstBroken, reason } = await services.verify({ db }, period)
  if (reason === 'unsealed') {
    say(
      `NOT SEALED: entries have waited for their seal for more than 30 s, the first is ${firstBroken ?? 'unknown'}; ${checked} entries were checked`,
    )
  } else
    say(
      ok
        ? `ok: ${checked} entries`
        : `ALTERED (${reason ?? 'unknown'}) at ${firstBroken ?? 'the beginning'}, after ${checked} entries were checked`,
    )
  await printHead(db, services)
  if (!ok) process.exitCode = 1
}

const perform = async (
  { database, services }: StartedApp<Audit>,
  { command, output: file, ...period }: AuditArguments,
  output: NodeJS.WritableStream,
): Promise<void> => {
  if (command === 'retain') return say((await services.retain()).join('\n') || 'nothing is old enough')
  if (command === 'verify') return verifyAll(database.knex, services, period)
  await exportAll(database.knex, services, { period, output })
  if (file !== undefined) say(`written to ${file}`)
}

export const program: Program<Audit> = {
  trouble: 'The audit log cannot be read',
  hint: (called) => `${called} --help explains the options`,
  async main(argv, { called, print, withApp }) {
    const wanted = readArguments(argv)
    if (wanted === 'help') {
      // Asked for, it is the answer; without a command, it says what was wrong.
      if (argv.length > 0) return print(helpOf(called))
      process.exitCode = 2
      return say(helpOf(called))
    }
    // Before anything takes its time: the file may be there already.
    const output = wanted.command === 'export' ? openOutput(wanted.output, instead) : process.stdout
    await withApp({ usual: 'warn', print: say, interactive: false }, (app) => perform(app, wanted, output))
  },
}
