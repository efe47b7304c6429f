// Seals what a queued mail holds: links in it open accounts, and a dump of the database alone must open none.
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'

export interface Seal {
  /** AES-256-GCM, bound to the id of the job that carries it. */
  close(text: string, id: string): string
  /** @throws Error when no key fits, or the text or the id was changed */
  open(sealed: string, id: string): string
}

const algorithm = 'aes-256-gcm'
/** Bytes. */
const ivLength = 12
const tagLength = 16

/** The first key seals, all open: keys rotate while mails wait. */
export const createSeal = (secrets: readonly Buffer[]): Seal => {
  const keys = secrets.map((secret) => Buffer.from(hkdfSync('sha256', secret, '', 'sovrane queued mail v1', 32)))
  const [first] = keys
  if (!first) throw new Error('There is no key to seal mails with')

  const openWith = (key: Buffer, bytes: Buffer, id: string): string => {
    const decipher = createDecipheriv(algorithm, key, bytes.subarray(0, ivLength), { authTagLength: tagLength })
    decipher.setAAD(Buffer.from(id)).setAuthTag(bytes.subarray(ivLength, ivLength + tagLength))
    return Buffer.concat([decipher.update(bytes.subarray(ivLength + tagLength)), decipher.final()]).toString('utf8')
  }

  return {
    close(text, id) {
      const iv = randomBytes(ivLength)
      const cipher = createCipheriv(algorithm, first, iv, { authTagLength: tagLength }).setAAD(Buffer.from(id))
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      return Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64url')
    },
    open(sealed, id) {
      const bytes = Buffer.from(sealed, 'base64url')
      for (const key of keys) {
        try {
          return openWith(key, bytes, id)
        } catch {
          // Sealed with another key, or broken: the next key tells.
        }
      }
      throw new Error('A queued mail cannot be opened: its key is gone, or it was changed')
    },
  }
}
