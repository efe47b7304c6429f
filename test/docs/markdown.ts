// The documents as the tests read them: code blocks with the file that each is about, and links.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../../', import.meta.url))

/** From the project's root. */
export const documents = [
  'README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'SECURITY.md',
  ...readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`),
]

export const read = (document: string): string => readFileSync(join(root, document), 'utf8')

export interface Block {
  readonly language: string
  /** What stands behind the language: the file that the block is. Empty without. */
  readonly path: string
  readonly text: string
  /** The block's first line in its document. */
  readonly line: number
}

/** The fenced blocks of a text. */
export const blocksOf = (text: string): Block[] => {
  const blocks: Block[] = []
  let open: { language: string; path: string; line: number; lines: string[] } | undefined
  for (const [index, line] of text.split('\n').entries()) {
    if (open && line === '```') {
      blocks.push({ language: open.language, path: open.path, line: open.line, text: `${open.lines.join('\n')}\n` })
      open = undefined
    } else if (open) open.lines.push(line)
    else if (line.startsWith('```')) {
      const [language = '', path = ''] = line.slice(3).split(' ')
      open = { language, path, line: index + 2, lines: [] }
    }
  }
  if (open) throw new Error(`The block that begins in line ${open.line} never ends`)
  return blocks
}

/** The one block about a file. */
export const blockFor = (document: string, path: string): Block => {
  const found = blocksOf(read(document)).filter((block) => block.path === path)
  const [block] = found
  if (!block || found.length > 1) throw new Error(`${document} has ${found.length} blocks about ${path}`)
  return block
}

const withoutCode = (text: string): string => text.replaceAll(/^```[\s\S]*?^```$/gm, '').replaceAll(/`[^`\n]*`/g, '')

/** The targets of a text's links, but for those to elsewhere. */
export const linksIn = (text: string): string[] =>
  [...withoutCode(text).matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, target = '']) => (/^[a-z]+:/.test(target) ? [] : [target]))

/** The names by which a page's headings can be linked to, as GitHub makes them. */
export const anchorsOf = (text: string): Set<string> =>
  new Set([...withoutCode(text.replaceAll('`', '')).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading.toLowerCase().replaceAll(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-')))
