// Which files a file imports, and whether the import exists at run time.
import { readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { root, type Source } from './sources.ts'
import { tokens } from './tokens.ts'
import type { Token } from './tokens.ts'

export interface Import {
  readonly from: string
  /** A path from the root for a relative import and for a name of our own, such as `#sovrane`; the package's name otherwise. */
  readonly to: string
  /** As it is written. */
  readonly text: string
  /** `import type` and `export type`: gone after compilation. */
  readonly typeOnly: boolean
  readonly line: number
}

/** The names of our own in package.json, as paths from the root. */
const own = (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { readonly imports: Readonly<Record<string, string>> }).imports

/** What a specifier in a file leads to. */
const target = (path: string, text: string): string =>
  posix.join(text.startsWith('.') ? posix.dirname(path) : '', own[text] ?? text)

const is = (token: Token | undefined, text: string): boolean => token?.kind !== 'string' && token?.text === text

/** The specifier of the statement that starts at `start`, if it is one that names a module. */
function specifier(code: readonly Token[], start: number): { text: string; typeOnly: boolean } | undefined {
  let at = start + 1
  if (is(code[start], 'import') && is(code[at], '(')) {
    const argument = code[at + 1]
    return argument?.kind === 'string' ? { text: argument.text, typeOnly: false } : undefined
  }
  const typeOnly = is(code[at], 'type') && !is(code[at + 1], 'from') && !is(code[at + 1], ',')
  if (typeOnly) at++
  if (is(code[start], 'export') && !is(code[at], '{') && !is(code[at], '*')) return undefined
  for (; at < code.length; at++) {
    const token = code[at]
    if (token === undefined) return undefined
    if (token.kind === 'string') return { text: token.text, typeOnly }
    if (token.kind === 'mark' && !['{', '}', ',', '*'].includes(token.text)) return undefined
    // `export { a }` ends here unless `from` follows.
    if (is(token, '}') && !is(code[at + 1], 'from')) return undefined
  }
  return undefined
}

/** Every static and literal dynamic import and re-export of one file. */
export function imports({ path, text }: Source): Import[] {
  const code = tokens(text).filter((token) => token.kind !== 'comment')
  return code.flatMap((token, index) => {
    if (!is(token, 'import') && !is(token, 'export')) return []
    if (is(code[index - 1], '.')) return []
    const found = specifier(code, index)
    if (found === undefined) return []
    return [{ from: path, to: target(path, found.text), text: found.text, typeOnly: found.typeOnly, line: token.line }]
  })
}
