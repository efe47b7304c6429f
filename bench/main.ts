// Measures Sovrane beside limit and Feathers: `npm run bench`; bench/README.md says how to read what it prints.
import { parseOptions, usage, type Options } from './options.ts'
import { runEmbedded, runOnPostgres } from './session.ts'
import { killAll } from './targets/launch.ts'

const fail = (error: unknown, more = ''): void => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${more}`)
  process.exitCode = 1
}

const optionsOf = (args: readonly string[]): Options | undefined => {
  try {
    return parseOptions(args)
  } catch (error) {
    fail(error, `\n${usage}`)
    return undefined
  }
}

const options = optionsOf(process.argv.slice(2))
try {
  if (options) await (options.embedded ? runEmbedded(options) : runOnPostgres(options))
} catch (error) {
  killAll()
  fail(error)
}
