// Time-based one-time passwords (RFC 6238). The only file that knows speakeasy, which is no longer maintained.
import speakeasy from 'speakeasy'
import { isSame, randomText } from '#sovrane'

/** Seconds of a step, and how many steps a clock may be off. Source: RFC 6238, docs/protocol.md §4. */
const step = 30
const window = 1
const digits = 6
/** 160 random bits, in characters of base32 (RFC 4648). An empty secret would give predictable codes. */
const secretLength = 32
const base32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** A new secret in base32. speakeasy's own would be made of letters and digits alone: 119 bits. */
export const makeSecret = (): string => randomText(secretLength, base32)

export const otpauthUrl = (secret: string, account: string): string =>
  `otpauth://totp/${encodeURIComponent(`Sovrane:${account}`)}?${
    new URLSearchParams({ secret, issuer: 'Sovrane', algorithm: 'SHA1', digits: String(digits), period: String(step) }).toString()}`

/**
 * A code as it was meant: as apps show it, mails quote it and people type or paste it, it may hold blanks of any kind, dashes and
 * full-width digits.
 */
export const bareCode = (text: string): string => text.normalize('NFKC').replaceAll(/[\s\p{Z}\p{Cf}\p{Pd}]/gu, '')

/** Whether a text has the form of a code at all. */
export const isCode = (text: string): boolean => /^\d{6}$/.test(text)

/** The code of a step. `at`: epoch seconds. */
export const codeAt = (secret: string, at: number): string => speakeasy.totp({ secret, encoding: 'base32', step, digits, time: at })

/**
 * The step that a code is of, within the window around `now` (epoch milliseconds); undefined when it is of none.
 * Each step must be used once: the caller keeps the last.
 */
export const stepOf = (secret: string, code: string, now: number): number | undefined => {
  if (!isCode(code) || secret.length < secretLength) return undefined
  const present = Math.floor(now / 1000 / step)
  const steps = Array.from({ length: 2 * window + 1 }, (_each, index) => present - window + index)
  return steps.findLast((each) => isSame(codeAt(secret, each * step), code))
}
