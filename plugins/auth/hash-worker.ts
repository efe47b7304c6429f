// What worker threads do: bcrypt, and guessing passwords as those guess who know the lists of common words, names, dates and patterns.
// On the event loop twenty log-ins would stall every socket.
import { createRequire } from 'node:module'
import { setPriority } from 'node:os'
import { isMainThread } from 'node:worker_threads'
import type * as Core from '@zxcvbn-ts/core'
import type * as Common from '@zxcvbn-ts/language-common'
import { compareSync, hashSync } from 'bcryptjs'

/** Linux gives each thread a priority of its own, so that hashes may use every processor: requests come first. */
const behindRequests = 5
if (process.platform === 'linux' && !isMainThread) setPriority(behindRequests)

export interface Guess {
  /** Powers of ten. */
  readonly guesses: number
  /** Why it is so few, in English; empty when there is nothing to say. */
  readonly warning: string
}

interface Language {
  readonly dictionary: Readonly<Record<string, (string | number)[]>>
  readonly translations: Core.TranslationKeys
}

/** Characters that are looked at in one go: the cost grows with them, 30 ms for the worst of so many. */
const maxLooked = 24

let estimator: Core.ZxcvbnFactory | undefined

/** Made at the first use, by `require`, which can be late: the lists take 300 ms and 35 MB. */
const lists = (): Core.ZxcvbnFactory => {
  if (estimator) return estimator
  const require = createRequire(import.meta.url)
  const { ZxcvbnFactory: Estimator } = require('@zxcvbn-ts/core') as typeof Core
  const common = require('@zxcvbn-ts/language-common') as typeof Common
  const [english, french] = ['en', 'fr'].map((language) => require(`@zxcvbn-ts/language-${language}`) as Language)
  estimator = new Estimator({
    dictionary: { ...common.dictionary, ...english?.dictionary, ...french?.dictionary },
    graphs: common.adjacencyGraphs,
    ...(english ? { translations: english.translations } : {}),
    maxLength: maxLooked,
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

/**
 * The form in which a password is guessed: without signs when it has no more than two kinds of them, else as it is. `more`: the powers of
 * ten that what was left out is worth.
 */
const formOf = (password: string): { readonly text: string; readonly more: number } => {
  const bare = password.replace(separators, '')
  const signs = new Set(password.match(separators)).size
  return signs === 0 || signs > 2 || bare === '' ? { text: password, more: 0 } : { text: bare, more: signs }
}

/** Of a long text both ends: it is as good as the better of them. */
const windows = (text: string): string[] => {
  const characters = unitOf(Array.from(text))
  return characters.length <= maxLooked
    ? [characters.join('')]
    : [characters.slice(0, maxLooked).join(''), characters.slice(-maxLooked).join('')]
}

/** @param words what is known of the account */
const guess = (password: string, words: readonly string[]): Guess => {
  const check = (text: string): Guess => {
    const { guessesLog10, feedback } = lists().check(text, [...words])
    return { guesses: guessesLog10, warning: feedback.warning ?? '' }
  }
  const { text, more } = formOf(password)
  const { guesses, warning } = windows(text).map(check).reduce((a, b) => (b.guesses > a.guesses ? b : a))
  return { guesses: guesses + more, warning }
}

export type HashTask =
  | { readonly kind: 'hash'; readonly password: string; readonly cost: number }
  /** `also`: hashes that are computed too, for the time that it takes. */
  | { readonly kind: 'compare'; readonly password: string; readonly hash: string; readonly also: readonly string[] }
  /** `words`: what is known of the account. */
  | { readonly kind: 'guess'; readonly password: string; readonly words: readonly string[] }

export const work = (task: HashTask): string | boolean | Guess => {
  if (task.kind === 'guess') return guess(task.password, task.words)
  if (task.kind === 'hash') return hashSync(task.password, task.cost)
  const equal = compareSync(task.password, task.hash)
  for (const hash of task.also) compareSync(task.password, hash)
  return equal
}
