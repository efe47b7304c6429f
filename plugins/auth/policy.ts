// What may be a password: length, kinds of characters, none of the most common, none of the former ones.
import { createRequire } from 'node:module'
import type { Knex } from 'knex'
import { invalidPayload, type Settings } from '../../core/define/index.ts'
import type { Hashing } from './hashing.ts'
import { settings as own } from './settings.ts'

/** bcrypt ignores what comes after: two passwords could be one. */
const mostBytes = 72

/** How many of the most common passwords are refused. */
const commonCount = 10_000

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

export interface Policy {
  /** What is wrong with a password; empty when nothing is. */
  readonly faults: (password: string) => string[]
  /** @throws AppError invalid_payload at `path` with every fault */
  require(password: string, path: string): void
  /** @throws AppError invalid_payload when it is one of the user's last ones */
  requireNew(db: Knex, userId: string, password: string, path: string): Promise<void>
  /** For forms. */
  readonly describe: () => { readonly minLength: number; readonly maxLength: number; readonly [more: string]: unknown }
}

/** The policy as the settings have it at each call. */
export const createPolicy = (settings: Settings, hashing: Hashing): Policy => {
  const kinds = () => [
    { wanted: settings.get(own.upperCase), pattern: /\p{Lu}/u, message: 'must have an upper-case letter' },
    { wanted: settings.get(own.lowerCase), pattern: /\p{Ll}/u, message: 'must have a lower-case letter' },
    { wanted: settings.get(own.digit), pattern: /\p{Nd}/u, message: 'must have a digit' },
    { wanted: settings.get(own.special), pattern: /[^\p{L}\p{Nd}]/u, message: 'must have a character that is no letter and no digit' },
  ]
  const faults = (password: string): string[] => {
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
  return {
    faults,
    require(password, path) {
      const found = faults(password)
      if (found.length > 0) throw invalidPayload(found.map((message) => ({ path, message })))
    },
    async requireNew(db, userId, password, path) {
      const count = settings.get(own.history)
      if (count === 0) return
      const former: { password_hash: string }[] = await db('password_history').where({ user_id: userId }).orderBy('id', 'desc').limit(count).select('password_hash')
      const current: { password_hash: string } | undefined = await db('credentials').where({ user_id: userId }).first('password_hash')
      for (const { password_hash: hash } of [...(current ? [current] : []), ...former].slice(0, count)) {
        if (await hashing.compare(password, hash)) throw invalidPayload([{ path, message: `must not be one of the last ${count} passwords` }])
      }
    },
    describe: () => ({
      minLength: settings.get(own.minLength),
      maxLength: settings.get(own.maxLength),
      maxBytes: mostBytes,
      mustHaveUppercase: settings.get(own.upperCase),
      mustHaveLowercase: settings.get(own.lowerCase),
      mustHaveDigit: settings.get(own.digit),
      mustHaveSpecialChar: settings.get(own.special),
      historyCount: settings.get(own.history),
    }),
  }
}
