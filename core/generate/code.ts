// Pieces of the code that is written: literals as people write them, and steps of a migration with their way back.

/** Lines of a block. */
export const indent = (lines: readonly string[]): string[] => lines.map((line) => (line === '' ? '' : `  ${line}`))

/** A text in single quotes; in double ones where it has single ones in it. */
export const quoted = (text: string): string => {
  const plain = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"')
  return plain.includes("'") && !plain.includes('"') ? `"${plain}"` : `'${plain.replaceAll("'", "\\'")}'`
}

/** A value as code. */
export const literal = (value: unknown): string => {
  if (typeof value === 'string') return quoted(value)
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`
  if (typeof value !== 'object' || value === null) return String(value)
  const pairs = Object.entries(value).map(([key, each]) => `${/^[a-z_]\w*$/i.test(key) ? key : quoted(key)}: ${literal(each)}`)
  return pairs.length === 0 ? '{}' : `{ ${pairs.join(', ')} }`
}

/** A value as SQL. */
export const sqlLiteral = (value: unknown): string => {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return `'${text.replaceAll("'", "''")}'`
}

/** A statement of SQL, asked by a migration. */
export const raw = (sql: string): string => `await knex.raw(${quoted(sql)})`

/** One step of a migration and its way back. What is to be written within `alterTable` of one table is put together. */
export interface Step {
  /** The table within whose `alterTable` the lines stand; undefined: they stand by themselves. */
  readonly alter?: string
  readonly up: readonly string[]
  readonly down: readonly string[]
  /** What is said above it. */
  readonly note?: string
  /** Why it is written as a comment: it would lose something. */
  readonly unsafe?: string
}

export const step = (up: string | readonly string[], down: string | readonly string[], more: Partial<Step> = {}): Step =>
  ({ up: [up].flat(), down: [down].flat(), ...more })

/** A step within `alterTable`. */
export const alter = (table: string, up: string | readonly string[], down: string | readonly string[], more: Partial<Step> = {}): Step =>
  step(up, down, { ...more, alter: table })

const block = (table: string, lines: readonly string[]): string[] =>
  [`await knex.schema.alterTable(${quoted(table)}, (table) => {`, ...indent(lines), '})']

/** Words in lines of comments. */
export const comment = (text: string, width = 136): string[] => {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last === undefined || last.length + word.length + 1 > width) lines.push(`// ${word}`)
    else lines[lines.length - 1] = `${last} ${word}`
  }
  return lines
}

interface Written {
  readonly lines: readonly string[]
  readonly note: string | undefined
  readonly unsafe: string | undefined
  readonly alter: string | undefined
}

/** Steps of one table that follow each other, in one `alterTable`. */
const together = (all: readonly Written[]): Written[] => {
  const done: Written[] = []
  for (const each of all) {
    const last = done.at(-1)
    if (last?.alter !== undefined && last.alter === each.alter && last.unsafe === each.unsafe && each.note === undefined)
      done[done.length - 1] = { ...last, lines: [...last.lines, ...each.lines] }
    else done.push(each)
  }
  return done
}

/** The lines of one direction. */
export const written = (steps: readonly Step[], direction: 'up' | 'down'): string[] => {
  const inOrder = direction === 'up' ? steps : steps.toReversed()
  const all = inOrder.map((each): Written =>
    ({ lines: each[direction], note: direction === 'up' ? each.note : undefined, unsafe: each.unsafe, alter: each.alter }))
    .filter(({ lines }) => lines.length > 0)
  return together(all).flatMap(({ lines, note, unsafe, alter: table }) => {
    const code = table === undefined ? lines : block(table, lines)
    const said = note === undefined ? [] : comment(note)
    if (unsafe === undefined) return [...said, ...code]
    return [...said, ...(direction === 'up' ? comment(unsafe) : []), ...code.map((line) => `// ${line}`)]
  })
}
