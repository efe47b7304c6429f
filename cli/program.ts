// The command `sovrane`: finds what was asked for among its own commands and those of the app's plugins, and runs it.
import { distance } from 'fastest-levenshtein'
import { runProgram, tellFailure } from '../core/boot/command.ts'
import type { App } from '../core/define/app.ts'
import { ArgumentError, type Command } from '../core/define/command.ts'
import type { AnyPlugin } from '../core/define/plugin.ts'
import { ownCommands, type OwnCommand } from './commands.ts'
import { version } from './version.ts'

/** Where the app comes from. */
export interface AppSource {
  /** @throws ArgumentError when there is none */
  load(): Promise<App>
}

const say = (text: string): void => void process.stdout.write(`${text}\n`)

interface PluginCommand {
  readonly plugin: AnyPlugin
  readonly command: Command
}

/** By name; the first plugin that has it, for two that do are a fault of the app's start. */
const pluginCommands = (app: App): Map<string, PluginCommand> => new Map(app.plugins.toReversed().flatMap((plugin) =>
  Object.entries(plugin.commands ?? {}).map(([name, command]): [string, PluginCommand] => [name, { plugin, command }])))

const column = 12

const helpOf = (plugins: ReadonlyMap<string, PluginCommand> | undefined): string => {
  const line = ([name, about]: readonly [string, string]): string => `  ${name.padEnd(column)}${about}`
  const own = Object.entries(ownCommands).map(([name, { about }]) => line([name, about]))
  const others = [...plugins ?? []].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, { command: { about } }]) => line([name, about]))
  return `Usage: sovrane <command> [options]

${own.join('\n')}

${plugins ? `Of the app's plugins\n${others.join('\n')}` : 'Where an app is, its plugins have further commands.'}

  --app <file>  the app; without it app.ts or app.js in the working directory
  --help        shows this, or after a command what it takes
  --version     shows the version`
}

/** The nearest name, where one is near enough to be meant. */
const nearest = (word: string, names: readonly string[]): string | undefined => {
  const [best] = names.map((name) => ({ name, far: distance(word.toLowerCase(), name) })).toSorted((a, b) => a.far - b.far)
  return best && best.far <= Math.max(1, Math.floor(best.name.length / 2)) ? best.name : undefined
}

const unknown = (word: string, names: readonly string[]): ArgumentError => {
  const near = nearest(word, names)
  const guess = near === undefined ? '' : `Did you mean "${near}"? `
  return new ArgumentError(`There is no command "${word.slice(0, 40)}". ${guess}sovrane --help lists them.`)
}

/** The app if it can be had; help is given without it too. */
const appIfAny = (source: AppSource): Promise<App | undefined> => source.load().catch((error: unknown) => {
  if (!(error instanceof ArgumentError)) process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n`)
  return undefined
})

const runOwn = async (command: OwnCommand, argv: readonly string[], source: AppSource): Promise<void> => {
  // What has commands of its own has help of its own for them.
  if (['--help', '-h'].includes(argv[0] ?? '')) return say(command.usage)
  await tellFailure({ trouble: command.trouble, hint: command.usage }, () => command.run(argv, source))
}

/** Where there is no app, a word that is almost a command is told of before that. */
const appFor = async (name: string, source: AppSource): Promise<App> => {
  const own = Object.keys(ownCommands)
  try {
    return await source.load()
  } catch (error) {
    throw error instanceof ArgumentError && nearest(name, own) !== undefined ? unknown(name, own) : error
  }
}

const runOfPlugin = (name: string, argv: readonly string[], source: AppSource): Promise<void> =>
  tellFailure({ trouble: 'The app cannot be loaded' }, async () => {
    const app = await appFor(name, source)
    const commands = pluginCommands(app)
    const found = commands.get(name)
    if (!found) throw unknown(name, [...Object.keys(ownCommands), ...commands.keys()])
    const { program } = await found.command.load()
    await runProgram(program, argv, { app, plugin: found.plugin, name })
  })

/** A definition that fails while it is read: where it stands is in the stack. */
const tellingWhere = (source: AppSource): AppSource => ({
  load: () => source.load().catch((error: unknown) => {
    throw error instanceof Error && !(error instanceof ArgumentError) ? new Error(error.stack ?? error.message, { cause: error }) : error
  }),
})

/** Runs `sovrane` with these words. Sets the exit code: 2 when it was called wrongly, 1 when what it does has failed. */
export const runSovrane = async ([name, ...argv]: readonly string[], given: AppSource): Promise<void> => {
  const source = tellingWhere(given)
  if (name === '--version' || name === '-v') return say(version())
  if (name === '--help' || name === '-h' || name === 'help') {
    const app = await appIfAny(source)
    return say(helpOf(app && pluginCommands(app)))
  }
  if (name === undefined) {
    process.exitCode = 2
    return void process.stderr.write(`${helpOf(undefined)}\n`)
  }
  const own = Object.hasOwn(ownCommands, name) ? ownCommands[name] : undefined
  await (own ? runOwn(own, argv, source) : runOfPlugin(name, argv, source))
}
