// References as people write them: `Sales/North` for a row of a tree, `Employee; Organiser` for several, `id:…` where a name tells nothing.
// A backslash takes the next character as it is.

/** Cut at each `separator` that no backslash protects, without the spaces around; what is protected stays protected. */
const cut = (text: string, separator: string): string[] => {
  const parts: string[] = ['']
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at)
    const last = parts.length - 1
    if (character === separator) parts.push('')
    else if (character === '\\') {
      parts[last] += text.slice(at, at + 2)
      at += 1
    } else parts[last] += character
  }
  return parts.map(trimmed)
}

/** Without spaces around, but for one that is protected. */
const trimmed = (text: string): string => {
  const end = /^(?:\\[^]|[^\\])*?(?=\s*$)/.exec(text.trimStart())?.[0] ?? ''
  return end
}

const bare = (text: string): string => text.replaceAll(/\\([^])/g, '$1')

/** Protects the separators, backslashes, and what stands at the edges. */
const protectedText = (text: string, separators: string): string =>
  text
    .replaceAll(/[^]/g, (character) => (character === '\\' || separators.includes(character) ? `\\${character}` : character))
    .replace(/^(?=\s|\[|id:)/, '\\')
    .replace(/(?<!\\)(\s)$/, '\\$1')

/** `id:…` */
export const idIn = (text: string): string | undefined => (text.startsWith('id:') ? text.slice(3) : undefined)
export const idText = (id: string): string => `id:${id}`

/** The items of a list. An empty text has none. */
export const itemsIn = (text: string): string[] => (text.trim() === '' ? [] : cut(text, ';').filter((item) => item !== ''))
export const listText = (items: readonly string[]): string => items.join('; ')

/** The labels of a path, from the root down. */
export const pathIn = (text: string): string[] => cut(text, '/').map(bare)
export const pathText = (labels: readonly string[]): string => labels.map((label) => protectedText(label, '/;')).join('/')

/** The one name of a row that is in no tree. */
export const nameIn = (text: string): string => bare(trimmed(text))
export const nameText = (name: string): string => protectedText(name, ';')
