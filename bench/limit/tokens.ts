// Passwords by scrypt and tokens signed by HMAC, as Node brings them.
import { createHmac, randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'

const derive = promisify<string, Buffer, number, Buffer>(scrypt)

/** Whether a password is that of a hash `salt:key`, both in base64; in a thread of libuv's pool. */
export const proves = async (password: string, hash: string): Promise<boolean> => {
  const [salt = '', key = ''] = hash.split(':').map((part) => Buffer.from(part, 'base64'))
  return timingSafeEqual(await derive(password, Buffer.from(salt), 32), Buffer.from(key))
}

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const header = encode({ alg: 'HS256', typ: 'JWT' })
const lifetime = 3600

export const createTokens = (secret: string) => {
  const sign = (text: string): string => createHmac('sha256', secret).update(text).digest('base64url')
  return {
    issue(userId: string): string {
      const now = Math.floor(Date.now() / 1000)
      const text = `${header}.${encode({ sub: userId, iat: now, exp: now + lifetime, jti: randomBytes(9).toString('base64url') })}`
      return `${text}.${sign(text)}`
    },
    /** The user's id, or undefined when the token is not good. */
    read(token: string): string | undefined {
      const [head = '', body = '', signature = ''] = token.split('.')
      const expected = Buffer.from(sign(`${head}.${body}`))
      const given = Buffer.from(signature)
      if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined
      const { sub, exp } = JSON.parse(Buffer.from(body, 'base64url').toString('utf8')) as { sub?: string; exp?: number }
      return exp !== undefined && exp * 1000 > Date.now() ? sub : undefined
    },
  }
}
