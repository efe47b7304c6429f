// Time-based one-time passwords (RFC 6238). The only file that knows speakeasy, which nobody maintains any more.
import { timingSafeEqual } from 'node:crypto'
import speakeasy from 'speakeasy'

/** Seconds of a step, and how many steps a clock may be off. Source: RFC 6238, wire contract §4. */
const step = 30
const window = 1
const digits = 6
/** Characters of base32; 160 bits. An empty secret would give predictable codes. */
const secretLength = 32

/** A new secret in base32. */
export const makeSecret = (): string => speakeasy.generateSecret({ length: 20, symbols: false }).base32.slice(0, secretLength)

export const otpauthUrl = (secret: string, account: string): string =>
  `otpauth://totp/${encodeURIComponent(`Sovrane:${account}`)}?${new URLSearchParams({ secret, issuer: 'Sovrane', algorithm: 'SHA1', digits: String(digits), period: String(step) }).toString()}`

const same = (a: string, b: string): boolean => a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b))

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
  return steps.findLast((each) => same(codeAt(secret, each * step), code))
}
