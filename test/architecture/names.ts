// Finds the names of resources and plugins in a text, however they are written: 'user', users, userId, isUser, user_id, user-create.
import type { Source } from './sources.ts'
import { tokens } from './tokens.ts'
import type { Token } from './tokens.ts'

export interface Exception {
  /** The resource or plugin that the word seems to name. */
  readonly name: string
  /** The whole identifier or word of a string that is meant. */
  readonly words: readonly string[]
  /** The path from the root that it is limited to. Default: all of core. */
  readonly under?: string
  readonly reason: string
}

export interface Vocabulary {
  /** File names of resources, folder names of plugins. */
  readonly names: readonly string[]
  /** Names that are ordinary English too: they may stand in comments and sentences, not in code. */
  readonly ordinary: ReadonlySet<string>
  readonly exceptions: readonly Exception[]
}

/** `userId` and `user_id` and `user-id`: user, id. */
const parts = (word: string): string[] =>
  word.replace(/([a-z0-9])([A-Z])/g, '$1 $2').replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2').toLowerCase().split(/[^a-z0-9]+/).filter(Boolean)

const singular = (word: string): string => word.replace(/ies$/, 'y').replace(/(?<=[^s])s$/, '')

/** Whether the parts of a word hold the parts of a name in a row, in the singular or the plural. */
function holds(word: string, name: string): boolean {
  const [inWord, inName] = [parts(word).map(singular), parts(name).map(singular)]
  return inWord.some((_, start) => inName.every((part, index) => inWord[start + index] === part))
}

const looksLikeSql = /\b(select|insert|returning|references|where|join|table|column)\b|^\s*(from|update|delete|and|or)\b/i

/** A sentence, as against a name, an event, a table with its alias or a piece of SQL. */
const isSentence = (text: string): boolean => /\S\s+\S+\s+\S/.test(text) && !/^\w+ as \w+$/.test(text) && !looksLikeSql.test(text)

/** Whether a word stands where people talk about things, as against where code names them. */
const isProse = ({ kind, text }: Token, word: string): boolean =>
  kind === 'comment' || (kind === 'string' && isSentence(text) && parts(word).length === 1)

/** The words of a token that are looked at: an identifier whole, a text word by word. */
const words = ({ kind, text }: Token): string[] => {
  if (kind === 'word') return [text]
  if (kind === 'mark') return []
  // `group by` is SQL's own; an escape is no letter of the word after it.
  return text.replace(/\bgroup by\b/gi, ' ').replace(/\\[a-z]/g, ' ').split(/[^\w-]+/).filter(Boolean)
}

/** Where a core file names a resource or a plugin. */
export function named({ path, text }: Source, { names, ordinary, exceptions }: Vocabulary): string[] {
  const excused = (name: string, word: string): boolean => exceptions.some((exception) =>
    exception.name === name && exception.words.includes(word) && path.startsWith(exception.under ?? 'core/'))
  return tokens(text).flatMap((token) => {
    return words(token).flatMap((word) => names
      .filter((name) => holds(word, name) && !(ordinary.has(name) && isProse(token, word)) && !excused(name, word))
      .map((name) => `${path}:${token.line}: "${word}" names ${name}`))
  })
}
