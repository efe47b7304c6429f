// What a password must not be made of: what everybody knows of its account, and the name of this service.
import type { Knex } from 'knex'

/** What is known of an account, as far as it is. */
export interface Known {
  readonly email?: unknown
  readonly firstName?: unknown
  readonly lastName?: unknown
}

/** Characters: shorter words are in everything. */
const shortestWord = 3
/** Letters besides such words that make a password one of its own. */
const fewestOwn = 4

/** Digits and signs that stand for letters. */
const lookalikes: Readonly<Record<string, string>> = { 0: 'o', 1: 'i', 3: 'e', 4: 'a', 5: 's', 7: 't', '@': 'a', $: 's', '!': 'i', '|': 'l' }

/** Without case and accents. */
const folded = (text: string): string => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()

const lettersOf = (text: string): string => folded(text).replace(/[^\p{L}\p{N}]/gu, '')

const unmasked = (text: string): string => folded(text).replace(/[0134578@$!|]/g, (sign) => lookalikes[sign] ?? sign).replace(/[^\p{L}\p{N}]/gu, '')

const reversed = (text: string): string => Array.from(text).toReversed().join('')

/** The words of some texts: each whole, and its parts. An address gives its name, its domain and their parts. */
export const wordsOf = (texts: readonly unknown[]): string[] => {
  const parts = texts.filter((text) => typeof text === 'string').flatMap((text) => [text, ...text.split('@'), ...text.split(/[^\p{L}\p{N}]+/u)])
  return [...new Set(parts.map((part) => lettersOf(part)).filter((word) => Array.from(word).length >= shortestWord))].toSorted((a, b) => b.length - a.length)
}

/** The words that are known of an account. */
export const wordsAbout = ({ email, firstName, lastName }: Known): string[] => wordsOf([email, firstName, lastName])

/** The account of a user as its words. */
export const wordsOfUser = async (db: Knex, userId: string): Promise<string[]> => {
  const row: { email: string; first_name: string; last_name: string } | undefined = await db('users').where({ id: userId }).first('email', 'first_name', 'last_name')
  return row ? wordsAbout({ email: row.email, firstName: row.first_name, lastName: row.last_name }) : []
}

/** Whether little is left of a password without these words, forwards or backwards, in whatever case and with whatever signs for letters. */
export const isMadeOf = (password: string, words: readonly string[]): boolean => [lettersOf(password), unmasked(password)].some((text) => {
  const left = words.reduce((rest, word) => rest.replaceAll(word, ' ').replaceAll(reversed(word), ' '), text)
  return left !== text && left.replace(/[^\p{L}]/gu, '').length < fewestOwn
})
