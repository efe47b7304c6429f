// What the formats of files have in common: records in, records out, and how a refused record is written so that it can be mended.

/** A record as it was read. */
export interface FileRecord {
  /** The line that it begins in, from 1. */
  readonly line: number
  /** By the names that the file gives its columns. Text formats: a text, null for nothing, or several texts; JSON formats: JSON. */
  readonly cells: ReadonlyMap<string, unknown>
  /** As the format writes it again. */
  readonly raw: unknown
  /** Why it cannot be a record; its cells count for nothing then. */
  readonly fault?: string
}

export interface FileReader {
  /** The columns, where the file names them before all records. */
  readonly columns: readonly string[] | undefined
  records(): AsyncIterable<FileRecord>
}

/** Texts to be written one after the other. */
interface FileWriter {
  readonly head: string
  record(cells: readonly (readonly [string, unknown])[]): string
  readonly tail: string
}

/** Writes records as they were read, each with the reason why it was refused. */
interface RefusedWriter {
  readonly head: string
  record(raw: unknown, reason: string): string
  readonly tail: string
}

/** The file is not what its name says, or breaks off: nothing more of it can be read. The message is a sentence. */
export class FileFault extends Error {}

export interface ReadOptions {
  readonly path: string
  readonly encoding: string | undefined
  readonly separator: string | undefined
}

export interface Format {
  readonly name: 'csv' | 'jsonl' | 'ldif' | 'scim'
  /** Whether its cells are texts, which a column has to make values of, or values already. */
  readonly cells: 'text' | 'json'
  /** Columns by names that the format has of its own, in small letters; '' for what is passed over. */
  readonly aliases: Readonly<Record<string, string>>
  /** @throws FileFault */
  open(options: ReadOptions): Promise<FileReader>
  writer(columns: readonly string[], resource: string): FileWriter
  refused(reader: FileReader): RefusedWriter
}
