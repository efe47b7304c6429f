// The programs `import` and `export`, of any app: from arguments to exit codes, and what they say on the way.
import { once } from 'node:events'
import { basename } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import type { Program } from '#sovrane'
import { ArgumentError, withApp } from '../../core/boot/command.ts'
import { openOutput } from '../../core/boot/output.ts'
import type { Server } from '../../core/boot/server.ts'
import type { Resource } from '../../core/model/resource.ts'
import { exportHelpOf, importHelpOf, readExport, readImport, type ExportArguments, type ImportArguments } from './arguments.ts'
import { exportRows } from './export.ts'
import { FileFault, type FileReader } from './formats/format.ts'
import { columnsOf, keyField } from './header.ts'
import { importFile, type Imported } from './import.ts'
import { canonicalReference, createLookup } from './lookup.ts'
import { nameText } from './references.ts'
import { createProgress, type Progress } from './progress.ts'
import { refusedFile } from './refused.ts'

const say = (line: string): void => void process.stdout.write(`${line}\n`)
const warn = (line: string): void => void process.stderr.write(`${line}\n`)

/** Refusals that are told on the terminal; the file has them all. */
const told = 20

const resourceIn = ({ assembly: { resources } }: Server, name: string): Resource => {
  const resource = resources.get(name)
  if (resource) return resource
  throw new ArgumentError(`--resource: "${name.slice(0, 40)}" is not known; there are ${[...resources.keys()].join(', ')}`)
}

/** Whose name it is done in. @throws ArgumentError */
const actorIn = async (server: Server, as: string | undefined): Promise<string | undefined> => {
  if (as === undefined) return undefined
  const { assembly: { app, resources }, act, run } = server
  const people = resources.get(app.authority.actor)
  const reference = nameText(as)
  const said = people && canonicalReference(people, { kind: 'key' }, reference)
  const found = people && said !== undefined
    ? (await createLookup({ act, run, actorId: undefined }).find(people, { kind: 'key' }, [said])).get(said) : undefined
  if (found && 'id' in found) return found.id
  throw new ArgumentError(`--as: ${found?.fault ?? 'there are no people'}`)
}

/** The names of all columns of a file that tells them by its records. */
const namesIn = async (reader: FileReader): Promise<readonly string[]> => {
  if (reader.columns) return reader.columns
  const names = new Set<string>()
  for await (const { cells } of reader.records()) for (const name of cells.keys()) names.add(name)
  return [...names]
}

const summary = (path: string, { isDryRun }: ImportArguments, result: Imported): string => {
  const { created, updated, unchanged, refused, records, end } = result
  const of = `${records} record${records === 1 ? '' : 's'}`
  if (end === 'refused') return `${path}: nothing was imported; ${refused} of ${of} ${refused === 1 ? 'is' : 'are'} refused`
  const counts = isDryRun
    ? `would create ${created}, update ${updated}, leave ${unchanged} as they are, refuse ${refused}`
    : `${created} created, ${updated} updated, ${unchanged} as they were, ${refused} refused`
  if (end === 'stopped') return `${path}: stopped; of ${of} ${counts}. The same command goes on from there`
  return `${path}: of ${of} ${counts}`
}

const stopping = (): (() => boolean) => {
  let stopped = false
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void (stopped = true))
  return () => stopped
}

/** Where a transfer says what it does. */
export interface Terminal {
  readonly say: (line: string) => void
  readonly warn: (line: string) => void
  readonly progress: Progress
  readonly isStopped: () => boolean
}

/**
 * Imports a file as its arguments say, and tells the terminal.
 * @throws ArgumentError, FileFault, or what the database throws
 */
export const performImport = async (
  server: Server, wanted: ImportArguments, { say, warn, progress, isStopped }: Terminal,
): Promise<Imported & { readonly file: string | undefined }> => {
  const { format, path, encoding, separator, as } = wanted
  const resource = resourceIn(server, wanted.resource)
  const reader = await format.open({ path, encoding, separator })
  const columns = columnsOf(await namesIn(reader), resource, server.assembly.resources, wanted)
  const key = keyField(resource, columns.values(), wanted.key)
  const actorId = await actorIn(server, as)
  const refused = refusedFile(path, { format, reader, path: wanted.refused })
  const began = performance.now()
  let count = 0
  try {
    const result = await importFile(server, { ...wanted, resource, format, reader, columns, key, actorId }, {
      progress: (what, done, total) => progress.show(what, done, total),
      refused(record, reasons) {
        refused.add(record, reasons)
        count += 1
        if (count <= told) warn(`line ${record.line}: ${reasons.join('; ')}`)
      },
      isStopped,
    })
    progress.end()
    const file = refused.end()
    if (count > told) warn(`and ${count - told} more`)
    const took = ((performance.now() - began) / 1000).toFixed(1)
    say(`${summary(basename(path), wanted, result)}, in ${took} s, as ${as ?? 'the system'}`)
    if (file !== undefined) say(`What was refused is in ${file}, with the reasons; mend it and import it`)
    return { ...result, file }
  } finally {
    refused.end()
    progress.end()
  }
}

/** Exports rows as the arguments say. @throws ArgumentError */
export const performExport = async (server: Server, wanted: ExportArguments, { warn }: Pick<Terminal, 'warn'>): Promise<void> => {
  const resource = resourceIn(server, wanted.resource)
  const actorId = await actorIn(server, wanted.as)
  const output = openOutput(wanted.output, '`npm run -s export -- …`, or name a file')
  let count = 0
  if (wanted.hasMark) output.write('\uFEFF')
  for await (const text of exportRows(server, { ...wanted, resource, actorId }, (rows) => void (count = rows)))
    if (!output.write(text)) await once(output, 'drain')
  if (wanted.output !== undefined) {
    output.end()
    await once(output, 'finish')
  }
  warn(`${count} rows of ${resource.name}${wanted.output === undefined ? '' : ` are in ${wanted.output}`}`)
}

const runImport = async (server: Server, wanted: ImportArguments): Promise<void> => {
  const terminal = { say, warn, progress: createProgress(process.stderr), isStopped: stopping() }
  try {
    const { end, refused } = await performImport(server, wanted, terminal)
    if (end === 'stopped') process.exitCode = 130
    else if (refused > 0) process.exitCode = 1
  } catch (error) {
    if (!(error instanceof FileFault)) throw error
    warn(error.message)
    process.exitCode = 1
  }
}

/** Files are of any length, and their records live for a moment: they are collected before the heap has doubled. */
const keepHeapSmall = (): void => {
  for (const flag of ['--heap-growing-percent=20', '--semi-space-growth-factor=1']) setFlagsFromString(flag)
}

const start = { usual: 'warn', print: warn, interactive: false } as const

export const importProgram: Program = {
  trouble: 'The file cannot be imported',
  hint: (called) => `${called} --help explains the options`,
  async main(argv, { app, called }) {
    const wanted = readImport(argv)
    keepHeapSmall()
    if (wanted !== 'help') return withApp(app, start, (server) => runImport(server, wanted))
    if (argv.length === 0) process.exitCode = 2
    say(importHelpOf(called))
  },
}

export const exportProgram: Program = {
  trouble: 'The rows cannot be exported',
  hint: (called) => `${called} --help explains the options`,
  async main(argv, { app, called }) {
    const wanted = readExport(argv)
    keepHeapSmall()
    if (wanted !== 'help') return withApp(app, start, (server) => performExport(server, wanted, { warn }))
    if (argv.length === 0) process.exitCode = 2
    say(exportHelpOf(called))
  },
}
