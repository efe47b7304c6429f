// What keeps secrets: texts sealed with a server key, random tokens and their hashes, and one text for one value, to be hashed or signed.
import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync, randomBytes, randomInt, timingSafeEqual } from 'node:crypto'

export interface Seal {
  /** AES-256-GCM, bound to `context`: it opens in the same context only. */
  close(text: string, context: string): string
  /** The text; undefined when no key fits, or the sealed text or its context was changed. */
  open(sealed: string, context: string): string | undefined
}

export interface SealOptions {
  /** Server keys: the first seals, all open, so that keys can rotate. */
  readonly secrets: readonly Buffer[]
  /** Each purpose has keys of its own. */
  readonly purpose: string
  /** The same text in the same context is sealed alike. Who sees two sealed texts can tell whether they are the same. */
  readonly repeatable?: true
}

const algorithm = 'aes-256-gcm'
/** Bytes. */
const ivLength = 12
const tagLength = 16

/** Seals texts: without a server key no one can read or make one. */
export const createSeal = ({ secrets, purpose, repeatable }: SealOptions): Seal => {
  const keys = secrets.map((secret) => {
    const derived = Buffer.from(hkdfSync('sha256', secret, '', purpose, 64))
    return { cipher: derived.subarray(0, 32), iv: derived.subarray(32) }
  })
  const [first] = keys
  if (!first) throw new Error(`There is no key to seal with (${purpose})`)

  const ivOf = (text: string, context: string): Buffer =>
    repeatable
      ? createHmac('sha256', first.iv).update(context).update('\0').update(text).digest().subarray(0, ivLength)
      : randomBytes(ivLength)

  const openWith = (key: Buffer, bytes: Buffer, context: string): string => {
    const decipher = createDecipheriv(algorithm, key, bytes.subarray(0, ivLength), { authTagLength: tagLength })
    decipher.setAAD(Buffer.from(context)).setAuthTag(bytes.subarray(ivLength, ivLength + tagLength))
    return Buffer.concat([decipher.update(bytes.subarray(ivLength + tagLength)), decipher.final()]).toString('utf8')
  }

  return {
    close(text, context) {
      const iv = ivOf(text, context)
      const cipher = createCipheriv(algorithm, first.cipher, iv, { authTagLength: tagLength }).setAAD(Buffer.from(context))
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      return Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64url')
    },
    open(sealed, context) {
      const bytes = Buffer.from(sealed, 'base64url')
      for (const key of keys) {
        try {
          return openWith(key.cipher, bytes, context)
        } catch {
          // Sealed with another key, in another context, or not at all: the next key tells.
        }
      }
      return undefined
    },
  }
}

/** Characters of an alphabet, each as likely as any other. */
export const randomText = (length: number, alphabet: string): string =>
  Array.from({ length }, () => alphabet.charAt(randomInt(alphabet.length))).join('')

/** 256 random bits, to be handed out once and stored only as their hash. */
export const randomToken = (): string => randomBytes(32).toString('base64url')

/** The hash by which a token is found. SHA-256 suffices for 256 random bits. */
export const tokenHash = (token: string): string => createHash('sha256').update(token).digest('base64url')

/** Compares two secrets in a time that tells nothing of where they differ. */
export const isSame = (a: string, b: string): boolean => a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b))

/** JSON with sorted keys: equal values give equal texts. What is undefined is left out, as in JSON. */
export const canonical = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null || value instanceof Date) return JSON.stringify(value) ?? 'null'
  const pairs = Object.entries(value).filter(([, item]) => item !== undefined).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return `{${pairs.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).join(',')}}`
}
