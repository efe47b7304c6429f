// An authenticator app: RFC 6238 from nothing but a hash, so that no library can be wrong in the same way as the server's.
import { createHmac } from 'node:crypto'

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** Base32 (RFC 4648) → bytes. */
export const fromBase32 = (text: string): Buffer => {
  const bits = Array.from(text, (letter) => alphabet.indexOf(letter).toString(2).padStart(5, '0')).join('')
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)))
}

/** The six digits of a step (RFC 4226 §5.3). */
export const codeOfStep = (secret: string, step: number): string => {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(step))
  const hash = createHmac('sha1', fromBase32(secret)).update(counter).digest()
  const offset = hash.readUInt8(hash.length - 1) & 0x0f
  return String((hash.readUInt32BE(offset) & 0x7f_ff_ff_ff) % 1_000_000).padStart(6, '0')
}

/** Seconds of a step, by default and by RFC 6238. */
const period = 30

export const stepNow = (): number => Math.floor(Date.now() / 1000 / period)

/** The code now, or of a step so many before or after it. */
export const codeNow = (secret: string, off = 0): string => codeOfStep(secret, stepNow() + off)
