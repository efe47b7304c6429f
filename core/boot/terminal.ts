// A server as a program: what it says to the person who started it, how it ends, and with which exit code.
import { existsSync } from 'node:fs'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { App } from '../define/app.ts'
import { fileOf } from '../define/declared.ts'
import { BootError } from '../model/faults.ts'
import { assemble } from './assemble.ts'
import { describeOperation } from '../describe/chain.ts'
import { describePlugin, describeResource } from '../describe/owners.ts'
import { createLog } from './log.ts'
import { startServer, type Server } from './server.ts'

/** Milliseconds in which it must have stopped. */
const stopPatience = 10_000
/** Milliseconds after which one that could not start is ended. */
const lingering = 1000

const say = (line: string): void => void process.stdout.write(`${line}\n`)

/** Why it cannot start, in a sentence. */
const reasonOf = (error: unknown): string => {
  if (error instanceof BootError) return error.message
  return `Sovrane cannot start: ${error instanceof Error ? error.message || error.name : String(error)}`
}

/** The pages of plugins, for people: before all else. */
const pagesOf = ({ url, assembly }: Pick<Server, 'url' | 'assembly'>): string[] => assembly.contributors
  .flatMap(({ contribution: { pages = {} } }) => Object.entries(pages).map(([name, path]) => `  ${name.padEnd(13)} ${url}${path}\n`))

/** The README, as seen from the working directory: of this repository, or of the package. An image may have left it out. */
const readme = (): string | undefined => {
  const paths = ['../../README.md', '../../../README.md'].map((each) => fileURLToPath(new URL(each, import.meta.url)))
  const path = paths.find((each) => existsSync(each))
  return path === undefined ? undefined : relative(process.cwd(), path)
}

/** What to do next, where there is something to read. */
const nextStep = (path = readme()): string =>
  (path === undefined ? '' : `\n  Then          the tour in ${path}: log in, create something, hear the change`)

const banner = ({ url, database, assembly }: Pick<Server, 'url' | 'database' | 'assembly'>): string => `Sovrane is ready.
${pagesOf({ url, assembly }).join('')}  Listening on  ${url}
  Database      ${database.description}

  Try           curl ${url}/health/ready${nextStep()}
  Stop          Ctrl-C`

/**
 * Prints what happens when these events are called, and what these resources and plugins have; or the names of all events. Sets the exit
 * code 1 when one of them is unknown.
 */
export const describeInTerminal = (app: App, names: readonly string[]): void => {
  const log = createLog({ environment: process.env, usual: 'error', isTerminal: process.stderr.isTTY })
  const { operations, resources, reasons, contributors, owners } = assemble(app, process.env, log)
  const definitions = [...app.resources, ...contributors.flatMap(({ contribution }) => contribution.resources ?? [])]
  const files = new Map([...contributors.map(({ plugin }) => plugin), ...definitions].map((each) => [each.name, fileOf(each)]))
  const everything = { operations, resources, reasons, contributors, owners, place: (owner: string) => files.get(owner) }
  if (names.length === 0) return say([...operations.keys()].join('\n'))
  for (const name of names) {
    const [operation, resource] = [operations.get(name), resources.get(name)]
    const contributor = contributors.find(({ plugin }) => plugin.name === name)
    const pages = [
      ...(operation ? [describeOperation(operation, everything)] : []),
      ...(resource ? [describeResource(resource, everything)] : []),
      ...(contributor ? [describePlugin(contributor.plugin, contributor.contribution, everything)] : []),
    ]
    for (const page of pages) say(`${page}\n`)
    if (pages.length > 0) continue
    process.stderr.write(`There is no event, resource or plugin "${name}"\n`)
    process.exitCode = 1
  }
}

/** Starts an app, says where it is, and stops it in order at SIGINT and SIGTERM. Sets the exit code 1 when it cannot start. */
export const runInTerminal = async (app: App): Promise<void> => {
  const log = createLog({ environment: process.env, usual: 'info', isTerminal: process.stderr.isTTY })
  // A promise that no one caught is a fault of ours; it goes to the log and ends no one's connection.
  process.on('unhandledRejection', (error) => log.error({ err: error }, 'a rejected promise was not handled'))
  try {
    const server = await startServer(app, { environment: process.env, log, print: say, interactive: process.stdout.isTTY })
    let stopping = false
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        if (stopping) return
        stopping = true
        say('Stopping')
        setTimeout(() => process.exit(1), stopPatience).unref()
        server.stop().then(() => process.exit(0), (error: unknown) => {
          log.error({ err: error }, 'the server could not stop in order')
          process.exit(1)
        })
      })
    }
    // Last: its reader may stop the server at once.
    say(banner(server))
  } catch (error) {
    process.stderr.write(`${reasonOf(error)}\n`)
    process.exitCode = 1
    // What a plugin has begun and does not end must not keep a server there that serves no one.
    setTimeout(() => process.exit(1), lingering).unref()
  }
}
