// What may be a password: length, kinds of characters, nothing that is easily guessed, none of the former ones.
import { createRequire } from 'node:module'
import type { Knex } from 'knex'
import { invalidPayload, type Settings } from '../../core/define/index.ts'
import { isMadeOf } from './context.ts'
import type { Shares } from './fair-queue.ts'
import type { Guessing, Hashing } from './hashing.ts'
import { settings as own } from './settings.ts'
import { spelling } from './spelling.ts'

/** bcrypt ignores what comes after: two passwords could be one. */
const mostBytes = 72

/** How many of the most common passwords are refused. */
const commonCount = 10_000

/** Guesses, in powers of ten, that each step of `account_password_min_score` asks for: the scores of zxcvbn. */
const guessesOf = [0, 3, 6, 8, 10] as const
/** So that eight random characters, which are a hundred million guesses, are as many. */
const rounding = 0.01

const borrowed = 'must not be made of the name or the address of its account, or of the name of this service'

/** Characters as people count them, near enough: code points. */
export const characters = (text: string): number => Array.from(text).length

let commonPasswords: ReadonlySet<string> | undefined

interface Dictionary {
  readonly dictionary: { readonly 'passwords-common': readonly string[] }
}

/** Read at the first use, by `require`, which can be late: the list is long. The package orders it by frequency. */
const common = (): ReadonlySet<string> => {
  if (commonPasswords) return commonPasswords
  const { dictionary } = createRequire(import.meta.url)('@zxcvbn-ts/language-common') as Dictionary
  commonPasswords = new Set(dictionary['passwords-common'].slice(0, commonCount))
  return commonPasswords
}

/** Whose password it is to be. */
export interface About {
  /** What everybody knows of the account: `wordsAbout`. */
  readonly words: readonly string[]
  /** On whose account the work goes. */
  readonly shares: Shares
}

export interface Policy {
  /** What is wrong with a password as far as a look tells; empty when nothing is. */
  readonly faults: (password: string) => string[]
  /** @throws AppError invalid_payload at `path` with every fault that a look tells */
  requireSound(password: string, path: string): void
  /** The same, and that it is hard to guess. @throws AppError invalid_payload at `path`, unavailable */
  require(password: string, path: string, about: About): Promise<void>
  /** That it is not made of these words. @throws AppError invalid_payload at `path` */
  requireOwn(password: string, path: string, words: readonly string[]): void
  /** What makes a password easy to guess; undefined when it is hard. @throws AppError unavailable */
  readonly easy: (password: string, about: About) => Promise<string | undefined>
  /** @throws AppError invalid_payload when it is one of the user's last ones, unavailable */
  requireNew(db: Knex, userId: string, password: string, options: { readonly path: string; readonly shares: Shares }): Promise<void>
  /** For forms. */
  readonly describe: () => { readonly minLength: number; readonly maxLength: number; readonly [more: string]: unknown }
}

export interface PolicyParts {
  readonly settings: Settings
  readonly hashing: Hashing & Guessing
  /** What this service is called: `wordsOf`. */
  readonly names: readonly string[]
}

/** The policy as the settings have it at each call. */
export const createPolicy = ({ settings, hashing, names }: PolicyParts): Policy => {
  const kinds = () => [
    { wanted: settings.get(own.upperCase), pattern: /\p{Lu}/u, message: 'must have an upper-case letter' },
    { wanted: settings.get(own.lowerCase), pattern: /\p{Ll}/u, message: 'must have a lower-case letter' },
    { wanted: settings.get(own.digit), pattern: /\p{Nd}/u, message: 'must have a digit' },
    { wanted: settings.get(own.special), pattern: /[^\p{L}\p{Nd}]/u, message: 'must have a character that is no letter and no digit' },
  ]
  const faults = (given: string): string[] => {
    const password = spelling(given)
    const length = characters(password)
    const [min, max] = [settings.get(own.minLength), settings.get(own.maxLength)]
    return [
      ...(length < min ? [`must be at least ${min} characters long`] : []),
      ...(length > max ? [`must be at most ${max} characters long`] : []),
      ...(Buffer.byteLength(password) > mostBytes ? [`must be at most ${mostBytes} bytes long`] : []),
      ...(password.trim() === '' ? ['must not be only white space'] : []),
      ...kinds().filter(({ wanted, pattern }) => wanted && !pattern.test(password)).map(({ message }) => message),
      ...(common().has(password.toLowerCase()) ? ['is one of the most common passwords'] : []),
    ]
  }
  const easy: Policy['easy'] = async (given, { words, shares }) => {
    const needed = guessesOf[settings.get(own.minScore)] ?? 0
    if (needed === 0) return undefined
    const known = [...words, ...names]
    if (isMadeOf(spelling(given), known)) return borrowed
    const { guesses, warning } = await hashing.guess(given, known, shares)
    return guesses + rounding >= needed ? undefined : `is too easy to guess${warning === '' ? '' : `: ${warning}`}`
  }
  const requireSound: Policy['requireSound'] = (password, path) => {
    const found = faults(password)
    if (found.length > 0) throw invalidPayload(found.map((message) => ({ path, message })))
  }
  return {
    faults,
    requireSound,
    requireOwn(password, path, words) {
      if (settings.get(own.minScore) > 0 && isMadeOf(spelling(password), words)) throw invalidPayload([{ path, message: borrowed }])
    },
    easy,
    async require(password, path, about) {
      requireSound(password, path)
      const message = await easy(password, about)
      if (message !== undefined) throw invalidPayload([{ path, message }])
    },
    async requireNew(db, userId, password, { path, shares }) {
      const count = settings.get(own.history)
      if (count === 0) return
      const former: { password_hash: string }[] = await db('password_history').where({ user_id: userId }).orderBy('id', 'desc').limit(count).select('password_hash')
      const current: { password_hash: string } | undefined = await db('credentials').where({ user_id: userId }).first('password_hash')
      for (const { password_hash: hash } of [...(current ? [current] : []), ...former].slice(0, count)) {
        if (await hashing.compare(password, hash, shares)) throw invalidPayload([{ path, message: `must not be one of the last ${count} passwords` }])
      }
    },
    describe: () => ({
      minLength: settings.get(own.minLength),
      maxLength: settings.get(own.maxLength),
      maxBytes: mostBytes,
      minScore: settings.get(own.minScore),
      mustHaveUppercase: settings.get(own.upperCase),
      mustHaveLowercase: settings.get(own.lowerCase),
      mustHaveDigit: settings.get(own.digit),
      mustHaveSpecialChar: settings.get(own.special),
      historyCount: settings.get(own.history),
    }),
  }
}
