// The target "limit": what all ratios are to.
import { randomBytes, scryptSync } from 'node:crypto'
import { limitIndexes, limitSchema } from '../database/limit-schema.ts'
import { fill, password, settle, withPasswords } from '../database/organisation.ts'
import { environmentOf, runSql } from '../database/place.ts'
import { compile, root } from './compile.ts'
import { limitDialect } from './events.ts'
import { launch } from './launch.ts'
import type { Target } from './target.ts'

const hashOf = (text: string): string => {
  const salt = randomBytes(16)
  return `${salt.toString('base64')}:${scryptSync(text, salt, 32).toString('base64')}`
}

/** One hash for all: what it costs to compare is the same. */
const credentials = (): string => `insert into credentials select id, '${hashOf(password)}' from users where ${withPasswords}`

export const limit: Target = {
  name: 'limit',
  dialect: limitDialect,
  build: () => compile('bench/tsconfig.json'),
  async prepare(place, size) {
    await runSql(place, [...limitSchema, ...fill(size), ...limitIndexes, credentials(), ...settle])
    return undefined
  },
  start: (place) =>
    launch([`${root}bench/dist/limit/main.js`], { ...environmentOf(place), JWT_SECRET: randomBytes(48).toString('base64') }),
}
