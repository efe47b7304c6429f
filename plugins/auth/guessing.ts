// How many guesses a password takes, as those guess who know the lists of common passwords, words, names, dates, keyboards and patterns.
import { createRequire } from 'node:module'
import type * as Core from '@zxcvbn-ts/core'
import type * as Common from '@zxcvbn-ts/language-common'

export interface Guess {
  /** Powers of ten. */
  readonly guesses: number
  /** Why it is so few, in English; empty when there is nothing to say. */
  readonly warning: string
}

interface Language {
  readonly dictionary: Readonly<Record<string, (string | number)[]>>
  readonly translations: unknown
}

/** Characters that are looked at in one go: the cost grows with them, 30 ms for the worst of so many. */
const longest = 24

let estimator: Core.ZxcvbnFactory | undefined

/** Made at the first use, by `require`, which can be late: the lists take 300 ms and 35 MB. */
const made = (): Core.ZxcvbnFactory => {
  if (estimator) return estimator
  const require = createRequire(import.meta.url)
  const { ZxcvbnFactory: Estimator } = require('@zxcvbn-ts/core') as typeof Core
  const common = require('@zxcvbn-ts/language-common') as typeof Common
  const [english, french] = ['en', 'fr'].map((language) => require(`@zxcvbn-ts/language-${language}`) as Language)
  estimator = new Estimator({
    dictionary: { ...common.dictionary, ...english?.dictionary, ...french?.dictionary },
    graphs: common.adjacencyGraphs,
    translations: english?.translations as never,
    maxLength: longest,
    // Of the signs that stand for letters few readings are tried: each costs as much as the whole of the rest.
    l33tMaxSubstitutions: 2,
  })
  return estimator
}

/** What is repeated, when a text is nothing but that, the last time perhaps in part. */
const unitOf = (characters: readonly string[]): readonly string[] => {
  for (let size = 1; size <= characters.length / 2; size += 1) {
    if (characters.every((character, index) => character === characters[index % size])) return characters.slice(0, size)
  }
  return characters
}

/** Signs between and around words say little; those that stand for letters stay. */
const separators = /[^\p{L}\p{N}@$|({<%]/gu

interface Form {
  readonly text: string
  /** Powers of ten that what was left out is worth. */
  readonly more: number
}

/** The form in which a password is guessed: without signs when it has no more than two kinds of them, else as it is. */
const formOf = (password: string): Form => {
  const bare = password.replace(separators, '')
  const signs = new Set(password.match(separators)).size
  return signs === 0 || signs > 2 || bare === '' ? { text: password, more: 0 } : { text: bare, more: signs }
}

/** Of a long text both ends: it is as good as the better of them. */
const windows = (text: string): string[] => {
  const characters = unitOf(Array.from(text))
  return characters.length <= longest ? [characters.join('')] : [characters.slice(0, longest).join(''), characters.slice(-longest).join('')]
}

/** @param words what is known of the account */
export const guess = (password: string, words: readonly string[]): Guess => {
  const check = (text: string): Guess => {
    const { guessesLog10, feedback } = made().check(text, [...words])
    return { guesses: guessesLog10, warning: feedback.warning ?? '' }
  }
  const { text, more } = formOf(password)
  const { guesses, warning } = windows(text).map(check).reduce((a, b) => (b.guesses > a.guesses ? b : a))
  return { guesses: guesses + more, warning }
}
