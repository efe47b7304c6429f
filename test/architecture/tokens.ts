// Cuts TypeScript into comments, strings and words, so that a check never takes a word in a comment for code.

export interface Token {
  readonly kind: 'comment' | 'string' | 'word' | 'mark' | 'pattern'
  /** Without the quotes of a string and the slashes of a comment. */
  readonly text: string
  readonly line: number
}

const wordStart = /[\p{ID_Start}$_#]/u
const wordPart = /[\p{ID_Continue}$\u200c\u200d]/u
/** After these words a slash begins a regular expression; after any other it divides. */
const beforePattern = new Set(['return', 'typeof', 'case', 'in', 'of', 'do', 'else', 'delete', 'void', 'throw', 'new', 'await', 'yield'])

/** The tokens of a source text; a template literal gives one string for each of its literal parts. */
export function tokens(source: string): Token[] {
  const found: Token[] = []
  /** For each open template, the braces open inside its present `${}`. */
  const templates: number[] = []
  let at = 0
  let line = 1
  let last: Token | undefined

  const push = (kind: Token['kind'], text: string, end: number): void => {
    const token: Token = { kind, text, line }
    found.push(token)
    if (kind !== 'comment') last = token
    for (let i = at; i < end; i++) if (source[i] === '\n') line++
    at = end
  }
  const skipTo = (needle: string, from: number): number => {
    const end = source.indexOf(needle, from)
    return end === -1 ? source.length : end
  }
  const quoted = (quote: string): void => {
    let end = at + 1
    while (end < source.length && source[end] !== quote && source[end] !== '\n') end += source[end] === '\\' ? 2 : 1
    push('string', source.slice(at + 1, end), end + 1)
  }
  /** From a back-tick, or from the brace that closes `${}`, to the next `${` or the closing back-tick. */
  const template = (): void => {
    let end = at + 1
    while (end < source.length && source[end] !== '`' && !source.startsWith('${', end)) end += source[end] === '\\' ? 2 : 1
    const open = source.startsWith('${', end)
    push('string', source.slice(at + 1, end), end + (open ? 2 : 1))
    if (open) templates.push(0)
  }
  const pattern = (): void => {
    let end = at + 1
    let inClass = false
    while (end < source.length && source[end] !== '\n' && (inClass || source[end] !== '/')) {
      if (source[end] === '[') inClass = true
      if (source[end] === ']') inClass = false
      end += source[end] === '\\' ? 2 : 1
    }
    push('pattern', source.slice(at + 1, end), end + 1)
  }
  const patternMayFollow = (): boolean => {
    if (last === undefined) return true
    if (last.kind === 'mark') return ![')', ']', '}'].includes(last.text)
    return last.kind === 'word' && beforePattern.has(last.text)
  }
  const brace = (char: string): void => {
    const depth = templates.at(-1)
    if (depth === undefined) return push('mark', char, at + 1)
    if (char === '}' && depth === 0) {
      templates.pop()
      return template()
    }
    templates[templates.length - 1] = depth + (char === '{' ? 1 : -1)
    push('mark', char, at + 1)
  }

  while (at < source.length) {
    const char = source.charAt(at)
    if (char === '\n') line++
    if (/\s/.test(char)) at++
    else if (source.startsWith('//', at)) push('comment', source.slice(at + 2, skipTo('\n', at)), skipTo('\n', at))
    else if (source.startsWith('/*', at)) push('comment', source.slice(at + 2, skipTo('*/', at + 2)), skipTo('*/', at + 2) + 2)
    else if (char === "'" || char === '"') quoted(char)
    else if (char === '`') template()
    else if (char === '/' && patternMayFollow()) pattern()
    else if (char === '{' || char === '}') brace(char)
    else if (wordStart.test(char) || /\d/.test(char)) {
      let end = at + 1
      while (end < source.length && wordPart.test(source.charAt(end))) end++
      push('word', source.slice(at, end), end)
    } else push('mark', char, at + 1)
  }
  return found
}
