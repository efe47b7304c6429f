// The target "feathers": Feathers 5 as its generator sets it up, with knex, Socket.IO and authentication.
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { promisify } from 'node:util'
import { hash } from 'bcryptjs'
import { freePort } from '../../test/kit/port.ts'
import { feathersSchema, fillFeathers } from '../database/feathers-schema.ts'
import { password, settle } from '../database/organisation.ts'
import { environmentOf, runSql } from '../database/place.ts'
import { root } from './compile.ts'
import { launch } from './launch.ts'
import { feathersDialect } from './services.ts'
import type { Target } from './target.ts'

const folder = `${root}bench/feathers`
const run = promisify(execFile)

export const feathers: Target = {
  name: 'feathers',
  dialect: feathersDialect,
  async build() {
    if (!existsSync(`${folder}/node_modules/.package-lock.json`)) await run('npm', ['ci', '--no-audit', '--no-fund'], { cwd: folder })
  },
  async prepare(place, size) {
    await runSql(place, [...feathersSchema, ...fillFeathers(size, await hash(password, 10)), ...settle])
    return undefined
  },
  start: async (place) => launch(['src/index.js'], {
    ...environmentOf(place), PORT: String(await freePort()), HOSTNAME: '127.0.0.1', FEATHERS_SECRET: randomBytes(24).toString('base64'),
  }, folder),
}
