// A new plugin: a table, an operation, a hook, a job, a setting and its test, as small as they can be and still do something.
import { quoted } from './code.ts'

export interface NewPlugin {
  /** Such as `loan-desk`. */
  readonly name: string
  /** The same in code, such as `loanDesk`. */
  readonly identifier: string
  readonly table: string
  /** The resource of those who act, such as `user`. */
  readonly actor: string
  /** What files of the plugin import the engine and the plugin `jobs` as. */
  readonly engine: string
  readonly jobs: string
}

/** Its `index.ts`. */
export const pluginText = (
  { name, identifier, table, actor, engine, jobs }: NewPlugin,
): string => `// Notes that people keep for themselves, until they are too old: a plugin to begin with.
import { randomUUID } from 'node:crypto'
import { number, object, string } from 'yup'
import { definePlugin, operation, setting, type Call } from '${engine}'
import { every, jobs } from '${jobs}'

/** Read where it is needed, so that a change counts at once. */
const keptDays = setting(
  '${table}_kept_days', number().integer().min(1).max(3650).default(90), 'Days that a note of ${name} is kept.',
)

/** Seconds. */
const hour = 3600

const add = operation({
  event: '${name}-add',
  about: 'Keeps a note for the one who asks.',
  kind: 'mutation',
  access: 'session',
  input: object({ note: string().max(500).required() }),
  output: object({ id: string().required(), notes: number().required() }),
  async handle({ actor, db, input }) {
    const id = randomUUID()
    await db('${table}').insert({ id, ${actor}_id: actor?.id ?? null, note: input.note })
    const [row] = await db('${table}').where({ ${actor}_id: actor?.id ?? null }).count({ count: '*' })
    return { id, notes: Number(row?.['count'] ?? 0) }
  },
})

/** Notes go with the one who has kept them. */
const forget = async ({ before, db }: Call): Promise<void> => {
  if (before) await db('${table}').where({ ${actor}_id: before.id }).delete()
}

export const ${identifier} = definePlugin({
  name: ${quoted(name)},
  requires: { jobs },
  migrations: new URL('migrations/', import.meta.url),
  setup: ({ settings }) => ({
    operations: [add],
    hooks: [{ on: '${actor}-delete', after: forget }],
    settings: [keptDays],
    provides: [every('${name}.forget', hour, ({ run }) => run(async ({ db }) => {
      await db('${table}').whereRaw('made_at < now() - make_interval(days => ?)', [settings.get(keptDays)]).delete()
    }))],
  }),
})
`

export const pluginMigration = ({ table, actor }: NewPlugin): string => `// The notes of those who keep them.
import type { Knex } from 'knex'

export const up = async (knex: Knex): Promise<void> => {
  await knex.schema.createTable('${table}', (table) => {
    table.text('id').primary()
    table.text('${actor}_id').index()
    table.text('note').notNullable()
    table.specificType('made_at', 'timestamptz(3)').notNullable().defaultTo(knex.fn.now()).index()
  })
}

export const down = async (knex: Knex): Promise<void> => {
  await knex.schema.dropTable('${table}')
}
`

const testWithKit = ({ name, table }: NewPlugin): string => `// What ${name} does: it keeps notes, and forgets those that are too old.
import { expect } from 'chai'
import { app } from '../app.ts'
import { onEachDatabase } from './kit/databases.ts'
import { startApp, type RunningApp } from './kit/server.ts'

onEachDatabase('${name}', (kind) => {
  let running: RunningApp | undefined

  before(async function () {
    this.timeout(120_000)
    running = await startApp(app, kind)
  })
  after(() => running?.stop())

  const server = () => {
    if (!running) throw new Error('The app has not started')
    return running.server
  }
  const add = (note: unknown) => server().run((call) => call.call('${name}-add', { note }, { as: 'system' }))

  it('keeps a note, and answers how many there are', async () => {
    expect(await add('first')).to.include({ notes: 1 })
    expect(await add('second')).to.include({ notes: 2 })
    expect(await server().run(({ db }) => db('${table}').orderBy('made_at').pluck('note'))).to.deep.equal(['first', 'second'])
  })

  it('refuses what is not a note, and keeps nothing', async () => {
    const error: unknown = await add(7).catch((thrown: unknown) => thrown)
    expect(error).to.include({ code: 'invalid_payload' })
    expect(await server().run(({ db }) => db('${table}').pluck('note'))).to.have.length(2)
  })
})
`

const testOfProject = ({ name, table }: NewPlugin): string => `// What ${name} does: it keeps notes, and refuses what is none.
import { strict as assert } from 'node:assert'
import { it } from 'node:test'
import { onEachDatabase, openServer } from 'sovrane/testing'
import { app } from '../app.ts'

onEachDatabase('${name}', (kind) => {
  const server = openServer(app, kind)

  it('keeps a note, and answers how many there are', async () => {
    const person = await server.enter()
    assert.equal((await server.ok('${name}-add', { note: 'first' }, person))['notes'], 1)
    assert.equal((await server.ok('${name}-add', { note: 'second' }, person))['notes'], 2)
  })

  it('refuses what is not a note, and keeps nothing', async () => {
    await server.no('invalid_payload', '${name}-add', { note: 7 }, server.admin)
    assert.equal((await server.sql('select id from ${table}')).length, 2)
  })
})
`

/** Its test: with the kit of this repository, or of a project that has the package. */
export const pluginTest = (wanted: NewPlugin): string => (wanted.engine === '#sovrane' ? testWithKit(wanted) : testOfProject(wanted))
