// The formats of files, by their names and endings.
import { csv } from './csv.ts'
import type { Format } from './format.ts'
import { jsonLines } from './json-lines.ts'
import { ldif } from './ldif.ts'
import { scim } from './scim.ts'

const formats: Readonly<Record<string, Format>> = { csv, jsonl: jsonLines, ldif, scim }
const endings: Readonly<Record<string, Format>> = {
  csv, tsv: csv, txt: csv, jsonl: jsonLines, ndjson: jsonLines, ldif, ldf: ldif, scim, json: scim,
}

export const formatNames = Object.keys(formats)

/** By its name, else by how a file's name ends; undefined: neither tells. */
export const formatOf = (name: string | undefined, path: string): Format | undefined => {
  if (name !== undefined) return formats[name.toLowerCase()]
  return endings[/\.([^./\\]+)$/.exec(path)?.[1]?.toLowerCase() ?? '']
}
