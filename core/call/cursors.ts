// Sealed cursors: what a list needs to go on from a row, in a form that clients can neither read nor make.
import { createCipheriv, createDecipheriv, createHmac, hkdfSync } from 'node:crypto'

export interface Cursors {
  /** `place`: the list, its order, filter and search; a cursor opens for the same place only. */
  seal(values: readonly unknown[], place: string): string
  /** The values; undefined when it is no cursor of that place. */
  open(cursor: string, place: string): unknown
}

const sizes = { nonce: 12, tag: 16 }

/** The first secret seals, all of them open. */
export const createCursors = (secrets: readonly Buffer[]): Cursors => {
  const keys = secrets.map((secret) => {
    const both = Buffer.from(hkdfSync('sha256', secret, '', 'cursors', 64))
    return { seal: both.subarray(0, 32), nonce: both.subarray(32) }
  })
  return {
    seal(values, place) {
      const [key] = keys
      if (!key) throw new Error('There is no key for cursors')
      const text = JSON.stringify(values)
      // Made of what is sealed: the same row of the same list has one cursor.
      const nonce = createHmac('sha256', key.nonce).update(place).update('\0').update(text).digest().subarray(0, sizes.nonce)
      const cipher = createCipheriv('aes-256-gcm', key.seal, nonce).setAAD(Buffer.from(place))
      return Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]).toString('base64url')
    },
    open(cursor, place) {
      const bytes = Buffer.from(cursor, 'base64url')
      if (bytes.length <= sizes.nonce + sizes.tag) return undefined
      for (const key of keys) {
        try {
          const decipher = createDecipheriv('aes-256-gcm', key.seal, bytes.subarray(0, sizes.nonce), { authTagLength: sizes.tag })
            .setAAD(Buffer.from(place)).setAuthTag(bytes.subarray(-sizes.tag))
          return JSON.parse(Buffer.concat([decipher.update(bytes.subarray(sizes.nonce, -sizes.tag)), decipher.final()]).toString('utf8')) as unknown
        } catch {
          // Sealed with another key, for another place, or not at all.
        }
      }
      return undefined
    },
  }
}
