// Lines are at most 140 characters long: two versions can be read side by side.
import { expect } from 'chai'
import { documents, sources } from './sources.ts'
import type { Source } from './sources.ts'
import { tokens } from './tokens.ts'

const widest = 140
/** A text or a pattern cannot be cut where one likes: of those in a line no more than this is counted. */
const uncut = 80

/** Documents of others, quoted as they are. */
const quoted = 'test/wire/fixtures/'

/** By line, the characters of texts and patterns that stand in that line alone. */
const uncutIn = (text: string): ReadonlyMap<number, number> => {
  const found = new Map<number, number>()
  for (const { kind, text: content, line } of tokens(text)) {
    if ((kind === 'string' || kind === 'pattern') && !content.includes('\n')) found.set(line, (found.get(line) ?? 0) + content.length)
  }
  return found
}

const isTable = (line: string): boolean => line.trimStart().startsWith('|')

const wide = (all: readonly Source[]): string[] => all.flatMap(({ path, text }) => {
  const isDocument = path.endsWith('.md')
  // Code in a document is shown as it is sent and answered.
  const lines = (isDocument ? text.replaceAll(/^```[\s\S]*?^```$/gm, (block) => block.replaceAll(/[^\n]/g, '')) : text).split('\n')
  if (!lines.some((line) => line.length > widest)) return []
  const texts = isDocument ? new Map<number, number>() : uncutIn(text)
  return lines.flatMap((line, index) => {
    const inTexts = texts.get(index + 1) ?? 0
    const width = line.length - inTexts + Math.min(inTexts, uncut)
    return width <= widest || (isDocument && isTable(line)) ? [] : [`${path}:${index + 1}: ${line.length} characters`]
  })
})

describe('architecture: width', () => {
  it(`of lines is at most ${widest}`, () => {
    const held = [...sources(), ...documents()].filter(({ path }) => !path.startsWith(quoted))
    expect(held.length).to.be.greaterThan(40)
    expect(wide(held)).to.deep.equal([])
  })

  const word = 'word '
  const bad: readonly [string, string][] = [
    ['core/a.ts', `// ${word.repeat(30)}`],
    ['core/a.ts', `const ${'a'.repeat(60)} = f(${'b'.repeat(80)})`],
    ['core/a.ts', `const ${'a'.repeat(60)} = '${word.repeat(20)}'`],
    ['core/a.ts', `const sql = \`\n${word.repeat(30)}\n\``],
    ['docs/a.md', word.repeat(30)],
  ]
  for (const [path, text] of bad) it(`catches ${text.slice(0, 30)}`, () => expect(wide([{ path, text }])).to.have.length(1))

  const good: readonly [string, string][] = [
    ['core/a.ts', `// ${word.repeat(25)}`],
    ['core/a.ts', `faults.add(place, '${word.repeat(40)}')`],
    ['core/a.ts', `const pattern = /${'x'.repeat(200)}/`],
    ['docs/a.md', `| ${word.repeat(40)} |`],
    ['docs/a.md', `\`\`\`json\n${'x'.repeat(200)}\n\`\`\``],
  ]
  for (const [path, text] of good) it(`lets ${text.slice(0, 30)}`, () => expect(wide([{ path, text }])).to.deep.equal([]))
})
