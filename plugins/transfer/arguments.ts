// What `sovrane import` and `sovrane export` were told to do.
import { parseArgs } from 'node:util'
import { ArgumentError } from '../../core/boot/command.ts'
import { formatNames, formatOf } from './formats/index.ts'
import type { Format } from './formats/format.ts'

interface Shared {
  readonly resource: string
  readonly format: Format
  /** Whose rights count, by what they are called; undefined: the system's. */
  readonly as: string | undefined
  /** Columns that are passed over. */
  readonly without: readonly string[]
}

export interface ImportArguments extends Shared {
  readonly path: string
  /** The columns by the names of the file; '' for one that is passed over. */
  readonly map: ReadonlyMap<string, string>
  readonly key: string | undefined
  readonly encoding: string | undefined
  readonly separator: string | undefined
  readonly refused: string | undefined
  readonly isDryRun: boolean
  readonly skipsRefused: boolean
}

export interface ExportArguments extends Shared {
  /** Undefined: the standard output. */
  readonly output: string | undefined
  readonly columns: readonly string[] | undefined
  readonly hasMark: boolean
}

export const importHelpOf = (called: string): string => `\
Imports rows from a file, through the same operations, rights and rules as everyone's.

  ${called} --resource user people.csv
  ${called} --resource user --map "E-Mail=email" --map "Remarks=" --dry-run people.csv

Options
  --resource <name>      what the rows are, such as user or department (required)
  --dry-run              changes nothing; says what would be done
  --map "Header=column"  the column of the resource that a column of the file is; nothing after = passes over it. Once for each
  --without <a,b>        columns of the file that are passed over
  --key <field>          rows are recognised by this field, such as email, where no external id tells
  --skip-refused         imports the good records although others are refused; else nothing is imported
  --refused <file>       where refused records go, each with its reason (default: people.refused.csv)
  --as <address>         in whose name and with whose rights; default: the system's
  --format <name>        ${formatNames.join(', ')} (default: by the ending of the file's name)
  --encoding <name>      utf-8, utf-16le, utf-16be, windows-1252 or latin-1 (default: by the mark at the beginning, else utf-8)
  --separator <name>     comma, semicolon, tab, pipe or one character (default: what cuts the first line)
  --help                 shows this

A column externalId says what a row is called where it comes from: imported again, it is the same row. Run again after it was interrupted,
an import goes on where it was. docs/import.md explains columns and formats. The embedded database must not be in use by a server.`

export const exportHelpOf = (called: string): string => `Exports rows to a file, as an import takes them.

  ${called} --resource user people.csv
  ${called} --resource user --format csv > people.csv

Options
  --resource <name>      what the rows are, such as user or department (required)
  --columns <a,b>        only these columns
  --without <a,b>        all columns but these
  --as <address>         with whose rights: rows and fields that they may not read are not exported; default: the system's
  --format <name>        ${formatNames.join(', ')} (default: by the ending of the file's name)
  --bom                  begins with the mark by which Excel knows UTF-8
  --help                 shows this

Passwords and other secrets are never exported, nor are fields that need a permission of their own. The file is made for its owner alone.`

type Options = NonNullable<Parameters<typeof parseArgs>[0]>['options']

const shared = {
  resource: { type: 'string' }, format: { type: 'string' }, as: { type: 'string' }, without: { type: 'string', multiple: true },
  help: { type: 'boolean', short: 'h' },
} as const

const parse = <const O extends NonNullable<Options>>(argv: readonly string[], options: O) => {
  try {
    return parseArgs({ args: [...argv], allowPositionals: true, options })
  } catch (error) {
    const [first] = (error instanceof Error ? error.message : String(error)).split(/\. |\n/)
    throw new ArgumentError(first ?? '', { cause: error })
  }
}

const listOf = (texts: readonly string[] | undefined): string[] =>
  (texts ?? []).flatMap((text) => text.split(',').map((name) => name.trim()).filter((name) => name !== ''))

const onlyOne = (positionals: readonly string[]): string | undefined => {
  const [path, second] = positionals
  if (second === undefined) return path
  const advice = 'npm passes options on only after two dashes: npm run import -- --resource user people.csv'
  throw new ArgumentError(`"${second.slice(0, 40)}" is one word too many. ${advice}`)
}

const resourceIn = (name: string | undefined): string => {
  if (name === undefined || name === '') throw new ArgumentError('--resource: say what the rows are, such as --resource user')
  return name
}

const formatIn = (name: string | undefined, path: string): Format => {
  const format = formatOf(name, path)
  if (format) return format
  const what = name === undefined ? 'the name of the file does not tell it' : `"${name.slice(0, 20)}" is not known`
  throw new ArgumentError(`--format: ${what}; say ${formatNames.join(', ')}`)
}

const pairOf = (text: string): readonly [string, string] => {
  const at = text.lastIndexOf('=')
  if (at < 1) throw new ArgumentError(`--map: "${text.slice(0, 40)}" must be "Header=column"`)
  return [text.slice(0, at).trim(), text.slice(at + 1).trim()]
}

/** @throws ArgumentError */
export const readImport = (argv: readonly string[]): ImportArguments | 'help' => {
  const { values, positionals } = parse(argv, {
    ...shared, map: { type: 'string', multiple: true }, key: { type: 'string' }, encoding: { type: 'string' },
    separator: { type: 'string' }, refused: { type: 'string' }, 'dry-run': { type: 'boolean' }, 'skip-refused': { type: 'boolean' },
  })
  if (values.help === true || argv.length === 0) return 'help'
  const path = onlyOne(positionals)
  if (path === undefined) throw new ArgumentError('Say which file: sovrane import --resource user people.csv')
  return {
    resource: resourceIn(values.resource), path, format: formatIn(values.format, path), as: values.as,
    without: listOf(values.without), map: new Map((values.map ?? []).map(pairOf)), key: values.key, encoding: values.encoding,
    separator: values.separator, refused: values.refused,
    isDryRun: values['dry-run'] === true, skipsRefused: values['skip-refused'] === true,
  }
}

/** @throws ArgumentError */
export const readExport = (argv: readonly string[]): ExportArguments | 'help' => {
  const { values, positionals } = parse(argv, { ...shared, columns: { type: 'string', multiple: true }, bom: { type: 'boolean' } })
  if (values.help === true || argv.length === 0) return 'help'
  const output = onlyOne(positionals)
  return {
    resource: resourceIn(values.resource), output, format: formatIn(values.format, output ?? ''), as: values.as,
    without: listOf(values.without), columns: values.columns && listOf(values.columns), hasMark: values.bom === true,
  }
}
