// What may be a password: length, kinds of characters, nothing easily guessed or made of what its account is called.
import { createRequire } from 'node:module'
import type * as Common from '@zxcvbn-ts/language-common'
import { boolean, number, object } from 'yup'
import { invalidPayload, operation, randomText, type Settings } from '#sovrane'
import type { Shares } from './fair-queue.ts'
import { maxBytes, spelling, type Hashing } from './hashing.ts'
import { settings as own } from './parts.ts'

/** How many of the most common passwords are refused. */
const commonCount = 10_000

/** Guesses, in powers of ten, that each step of `account_password_min_score` asks for: the scores of zxcvbn. */
const guessesOf = [0, 3, 6, 8, 10] as const
/** So that eight random characters, which are a hundred million guesses, are as many. */
const rounding = 0.01

/** Kinds of characters that a password may have to have, and what forms call each. */
const kinds = [
  { wanted: own.upperCase, pattern: /\p{Lu}/u, kind: 'an upper-case letter' },
  { wanted: own.lowerCase, pattern: /\p{Ll}/u, kind: 'a lower-case letter' },
  { wanted: own.digit, pattern: /\p{Nd}/u, kind: 'a digit' },
  { wanted: own.special, pattern: /[^\p{L}\p{Nd}]/u, kind: 'a character that is neither a letter nor a digit' },
] as const

const madeOfNames = 'must not be made of the name or the address of its account, or of the name of this service'

/** Characters as people count them, near enough: code points. */
const characters = (text: string): number => Array.from(text).length

let commonPasswords: ReadonlySet<string> | undefined

/** Read at the first use, by `require`, which can be late: the list is long. The package orders it by frequency. */
const common = (): ReadonlySet<string> => {
  if (commonPasswords) return commonPasswords
  const { dictionary } = createRequire(import.meta.url)('@zxcvbn-ts/language-common') as typeof Common
  return (commonPasswords = new Set(dictionary['passwords-common'].map(String).slice(0, commonCount)))
}

/** What anyone may know of an account. */
export interface Known {
  readonly email?: unknown
  readonly firstName?: unknown
  readonly lastName?: unknown
}

/** Characters: shorter words are in everything. */
const minWord = 3
/** Letters beside such words that make a password one of its own. */
const minOwn = 4

/** Digits and signs that stand for letters. */
const lookalikes: Readonly<Record<string, string>> = {
  0: 'o', 1: 'i', 3: 'e', 4: 'a', 5: 's', 7: 't', '@': 'a', $: 's', '!': 'i', '|': 'l',
}

/** Without case and accents. */
const folded = (text: string): string => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()

const lettersOf = (text: string): string => folded(text).replace(/[^\p{L}\p{N}]/gu, '')

const unmasked = (text: string): string =>
  folded(text).replace(/[0134578@$!|]/g, (sign) => lookalikes[sign] ?? sign).replace(/[^\p{L}\p{N}]/gu, '')

const reversed = (text: string): string => Array.from(text).toReversed().join('')

/** The words of some texts: each whole, and its parts. An address gives its name, its domain and their parts. */
export const wordsOf = (texts: readonly unknown[]): string[] => {
  const parts = texts.filter((text) => typeof text === 'string').flatMap((text) =>
    [text, ...text.split('@'), ...text.split(/[^\p{L}\p{N}]+/u)])
  return [...new Set(parts.map((part) => lettersOf(part)).filter((word) => Array.from(word).length >= minWord))].toSorted((a, b) =>
    b.length - a.length)
}

/** The words that are known of an account. */
export const wordsAbout = ({ email, firstName, lastName }: Known | Readonly<Record<string, unknown>>): string[] =>
  wordsOf([email, firstName, lastName])

/**
 * Whether little is left of a password without these words, forwards or backwards, in whatever case and with whatever signs for letters.
 */
const isMadeOf = (password: string, words: readonly string[]): boolean => [lettersOf(password), unmasked(password)].some((text) => {
  const left = words.reduce((rest, word) => rest.replaceAll(word, ' ').replaceAll(reversed(word), ' '), text)
  return left !== text && left.replace(/[^\p{L}]/gu, '').length < minOwn
})

/** Whose password it is to be. */
interface About {
  /** What anyone may know of the account: `wordsAbout`. */
  readonly words: readonly string[]
  /** On whose account the work goes. */
  readonly shares: Shares
}

interface PolicyParts {
  readonly settings: Settings
  readonly hashing: Pick<Hashing, 'guess'>
  /** What this service is called: `wordsOf`. */
  readonly names: readonly string[]
}

/** The policy as the settings have it at each call. */
export const createPolicy = ({ settings, hashing, names }: PolicyParts) => {
  /** What is wrong with a password as far as a look tells; empty when nothing is. */
  const faults = (given: string): string[] => {
    const password = spelling(given)
    const length = characters(password)
    const [min, max] = [settings.get(own.minLength), settings.get(own.maxLength)]
    return [
      ...(length < min ? [`must be at least ${min} characters long`] : []),
      ...(length > max ? [`must be at most ${max} characters long`] : []),
      ...(Buffer.byteLength(password) > maxBytes ? [`must be at most ${maxBytes} bytes long`] : []),
      ...(password.trim() === '' ? ['must not be only white space'] : []),
      ...kinds.filter(({ wanted, pattern }) => settings.get(wanted) && !pattern.test(password)).map(({ kind }) => `must have ${kind}`),
      ...(common().has(password.toLowerCase()) ? ['is one of the most common passwords'] : []),
    ]
  }
  /** What makes a password easy to guess; undefined when it is hard. @throws AppError unavailable */
  const easy = async (given: string, { words, shares }: About): Promise<string | undefined> => {
    const needed = guessesOf[settings.get(own.minScore)] ?? 0
    if (needed === 0) return undefined
    const known = [...words, ...names]
    if (isMadeOf(spelling(given), known)) return madeOfNames
    const { guesses, warning } = await hashing.guess(given, known, shares)
    return guesses + rounding >= needed ? undefined : `is too easy to guess${warning === '' ? '' : `: ${warning}`}`
  }
  /** @throws AppError invalid_payload at `path` with every fault that a look tells */
  const requireSound = (password: string, path: string): void => {
    const found = faults(password)
    if (found.length > 0) throw invalidPayload(found.map((message) => ({ path, message })))
  }
  return {
    faults,
    requireSound,
    easy,
    /** That it is not made of these words. @throws AppError invalid_payload at `path` */
    requireOwn(password: string, path: string, words: readonly string[]): void {
      if (settings.get(own.minScore) > 0 && isMadeOf(spelling(password), words)) throw invalidPayload([{ path, message: madeOfNames }])
    },
    /** That it is sound, and hard to guess. @throws AppError invalid_payload at `path`, unavailable */
    async require(password: string, path: string, about: About): Promise<void> {
      requireSound(password, path)
      const message = await easy(password, about)
      if (message !== undefined) throw invalidPayload([{ path, message }])
    },
    /** For forms. */
    describe: () => ({
      minLength: settings.get(own.minLength),
      maxLength: settings.get(own.maxLength),
      maxBytes,
      minScore: settings.get(own.minScore),
      mustHaveUppercase: settings.get(own.upperCase),
      mustHaveLowercase: settings.get(own.lowerCase),
      mustHaveDigit: settings.get(own.digit),
      mustHaveSpecialChar: settings.get(own.special),
      historyCount: settings.get(own.history),
    }),
  }
}

export type Policy = ReturnType<typeof createPolicy>

const length = () => number().integer().required()
const demand = () => boolean().required()
const policyReply = object({
  /** In code points. */
  minLength: length(), maxLength: length(), maxBytes: length(),
  /** 0 to 4; see the setting `account_password_min_score`. */
  minScore: length(),
  mustHaveUppercase: demand(), mustHaveLowercase: demand(), mustHaveDigit: demand(), mustHaveSpecialChar: demand(),
  /** How many former passwords cannot be used again. */
  historyCount: length(),
})

/** auth-password-policy: for forms. */
export const passwordPolicy = ({ policy }: { readonly policy: Policy }) => operation({
  event: 'auth-password-policy',
  about: 'Says what a password must be like',
  kind: 'query',
  access: 'public',
  input: object({}),
  output: policyReply,
  handle: () => Promise.resolve(policy.describe()),
})

/** Kinds of characters, without those that look like others. */
const alphabets = ['abcdefghijkmnopqrstuvwxyz', 'ABCDEFGHJKLMNPQRSTUVWXYZ', '23456789', '-_.+=']
const usualLength = 20

/** For someone who has no password: at least one character of each kind, and as long as the policy asks for. */
export const randomPassword = ({ minLength, maxLength }: { readonly minLength: number; readonly maxLength: number }): string => {
  for (;;) {
    const password = randomText(Math.min(Math.max(usualLength, minLength), maxLength), alphabets.join(''))
    if (alphabets.every((kind) => Array.from(kind).some((letter) => password.includes(letter)))) return password
  }
}
