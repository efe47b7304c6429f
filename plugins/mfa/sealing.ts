// Secrets at rest: AES-256-GCM, bound to the user, so that neither a dump of the database nor a swapped row opens an account.
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'

export interface Sealing {
  seal(userId: string, secret: string): string
  /** @throws Error when it was sealed for another user, changed, or with a key that is gone */
  open(userId: string, sealed: string): string
}

const algorithm = 'aes-256-gcm'
const sizes = { key: 32, iv: 12, tag: 16 }

/** The first key seals, all open. */
export const createSealing = (secrets: readonly Buffer[]): Sealing => {
  const keys = secrets.map((secret) => Buffer.from(hkdfSync('sha256', secret, '', 'mfa-secrets', sizes.key)))
  const [first] = keys
  if (!first) throw new Error('MFA_ENCRYPTION_KEY: is empty')
  const tryOpen = (key: Buffer, userId: string, bytes: Buffer): string | undefined => {
    const decipher = createDecipheriv(algorithm, key, bytes.subarray(0, sizes.iv))
    decipher.setAAD(Buffer.from(userId)).setAuthTag(bytes.subarray(sizes.iv, sizes.iv + sizes.tag))
    try {
      return Buffer.concat([decipher.update(bytes.subarray(sizes.iv + sizes.tag)), decipher.final()]).toString('utf8')
    } catch {
      return undefined
    }
  }
  return {
    seal(userId, secret) {
      const iv = randomBytes(sizes.iv)
      const cipher = createCipheriv(algorithm, first, iv).setAAD(Buffer.from(userId))
      const body = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()])
      return Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64url')
    },
    open(userId, sealed) {
      const bytes = Buffer.from(sealed, 'base64url')
      for (const key of keys) {
        const secret = tryOpen(key, userId, bytes)
        if (secret !== undefined) return secret
      }
      throw new Error('A sealed secret cannot be opened: was MFA_ENCRYPTION_KEY changed?')
    },
  }
}
