// The target "limit": what all ratios are to.
import { randomBytes, scryptSync } from 'node:crypto'
import { limitIndexes, limitSchema } from '../database/limit-schema.ts'
import { fill, idOf, password, settle, withPassword } from '../database/organisation.ts'
import { runSql } from '../database/server.ts'
import { compile, root } from './compile.ts'
import { limitDialect } from './events.ts'
import { launch } from './launch.ts'
import type { Target } from './target.ts'

const hashOf = (text: string): string => {
  const salt = randomBytes(16)
  return `${salt.toString('base64')}:${scryptSync(text, salt, 32).toString('base64')}`
}

/** One hash for all: what it costs to compare is the same. */
const credentials = (): string =>
  `insert into credentials select id, '${hashOf(password)}' from users
   where id between '${idOf('user', 1)}' and '${idOf('user', withPassword)}'`

export const limit: Target = {
  name: 'limit',
  dialect: limitDialect,
  build: () => compile('bench/tsconfig.json'),
  prepare: (databaseUrl, size) => runSql(databaseUrl, [...limitSchema, ...fill(size), ...limitIndexes, credentials(), ...settle]),
  start: (databaseUrl) => launch([`${root}bench/dist/limit/main.js`], {
    DATABASE_URL: databaseUrl, JWT_SECRET: randomBytes(48).toString('base64'),
  }),
}
