// Definitions are compared with the database at each start: what would fail every request stops it, with its place and what to do.
import { expect } from 'chai'
import type { Knex } from 'knex'
import { number, object, string } from 'yup'
import { BootError } from '../../core/model/faults.ts'
import { compareTables } from '../../core/boot/tables.ts'
import { startServer } from '../../core/boot/server.ts'
import { defineResource, id, json, label, many, one, type AnyResource } from '../../core/define/index.ts'
import { compiled, recordingLog, startApp, type AnyApp, type RunningApp } from '../kit/server.ts'
import { onEachDatabase } from '../kit/databases.ts'
import { lendingApp } from '../support/lending/app.ts'
import { freshPlace } from '../kit/place.ts'

/** What somebody does to the database behind the definitions' back, and what the start says of it. */
const broken: readonly [title: string, sql: string, fault: RegExp][] = [
  ['a missing table', 'drop table loans', /^loan: there is no table "loans"\. Make it in a migration: OWNER=resources npx knex migrate:make loans$/],
  ['a missing table of a plugin\'s resource', 'drop table invitations', /^invitation: there is no table "invitations"\. .*OWNER=invitations npx knex/],
  ['a missing column', 'alter table assets drop column notes', /^asset\.notes: the table "assets" has no column "notes"\. Add it in a migration: OWNER=resources npx knex migrate:make assets-notes$/],
  ['a missing column that every resource has', 'alter table loans drop column updated_by', /^loan\.updatedBy: the table "loans" has no column "updated_by"/],
  ['a missing table of links', 'drop table asset_watchers', /^asset\.relations\.watchers: there is no table "asset_watchers"/],
  ['a missing column of links', 'alter table asset_watchers drop column user_id', /^asset\.relations\.watchers: the table "asset_watchers" has no column "user_id"/],
  ['a missing column of a link\'s own', 'alter table asset_watchers drop column mail', /^asset\.relations\.watchers: .* no column "mail"/],
  ['a missing table of stored fields', 'drop table mfa_factors', /^user\.mfaEnabled: is kept in the table "mfa_factors", which does not exist$/],
  ['a missing column of stored fields', 'alter table logins drop column last_login_at', /^user\.lastLoginAt: is kept in the table "logins", which has no column "last_login_at"$/],
  ['a table whose changes nobody numbers', 'drop trigger a_stamp on loans', /^loan: the table "loans" is not tracked: .*await trackChanges\(knex, 'loans', \{ resource: 'loan' \}\)/],
  ['a table whose changes nobody records', 'drop trigger b_record on loans', /^loan: the table "loans" is not tracked/],
  ['a trigger that is switched off', 'alter table loans disable trigger b_record', /^loan: the table "loans" is not tracked/],
  ['a table that is another resource\'s', 'drop trigger b_record on loans; create trigger b_record after insert or update or delete on loans for each row execute function sovrane_record(\'asset\')',
    /^loan: the table "loans" is tracked as that of "asset"\./],
  ['a scope that no grant can name', 'drop trigger c_scope on sites', /^site: is a scope, and the table "sites" is not tracked as one: .*scope: true \}\)$/],
  ['rows whose move their owner does not hear of', 'drop trigger d_touch_assets_asset_id_update on loans', /^asset\.relations\.loans: a change of "asset_id" .*await touchOwner\(knex, 'loans', \{ owner: 'assets', by: 'asset_id', when: 'asset_id' \}\)$/],
  ['rows whose coming their owner does not hear of', 'drop trigger d_touch_categories_category_id_insert on assets', /^category\.relations\.assets: /],
  ['links whose end their owner does not hear of', 'drop trigger d_touch_assets_asset_id_delete on asset_watchers', /^asset\.relations\.watchers: a change of the links .*await touchOwner\(knex, 'asset_watchers', \{ owner: 'assets', by: 'asset_id' \}\)$/],
  ['links whose end the other end does not hear of', 'drop trigger d_touch_categories_category_id_insert on asset_categories', /^category\.relations\.alsoFor: a change of the links .*touchOwner\(knex, 'asset_categories', \{ owner: 'categories', by: 'category_id' \}\)$/],
  ['links that hold keys and are not announced', 'drop trigger "e_announce_rights" on group_responsibles', /^group\.relations\.responsibles: those linked .*await announce\(knex, 'group_responsibles', \{ topic: '~rights', id: 'user_id' \}\)$/],
  ['a column that must have a value, which no field gives', "alter table assets add column legacy text not null default ''; alter table assets alter column legacy drop default", /^asset: the column "legacy" of the table "assets" is NOT NULL and has no default, and no field writes it/],
  ['a column of links that must have a value', "alter table group_members add column since text not null default ''; alter table group_members alter column since drop default", /^group\.relations\.members: the column "since"/],
  ['a field that may be null in a column that may not', 'alter table assets alter column notes set not null', /^asset\.notes: may be null, and the column "notes" of the table "assets" is NOT NULL/],
  ['an extension\'s field without its column', 'alter table assets rename column label to name', /^asset\.label: the table "assets" has no column "label"/],
  ['a text in a column of numbers', 'alter table assets drop column notes; alter table assets add column notes int', /^asset\.notes: is a yup string, and the column "notes" .* is int4$/],
  ['a number in a column of texts', 'alter table assets alter column price type text', /^asset\.price: is a yup number, and the column "price" .* is text$/],
  ['a boolean in a column of numbers', 'alter table loans alter column overdue type int using 0', /^loan\.overdue: is a yup boolean/],
  ['JSON in a column of texts', 'alter table users alter column metadata type text', /^user\.metadata: is a yup mixed/],
]

/** What is right, although it looks like one of the above. */
const harmless: readonly [title: string, sql: string][] = [
  ['a column with a default', 'alter table assets add column legacy text not null default 1'],
  ['an identity', 'alter table assets add column serial_number int generated always as identity'],
  ['a column that is worked out', "alter table assets add column upper_label text generated always as (upper(label)) stored"],
  ['a column that may be null', 'alter table assets add column legacy text'],
  ['a domain', "create domain short_text as text; alter table assets alter column label type short_text using label::short_text"],
  ['a choice as an enumeration', "create type asset_state as enum ('free', 'lent', 'lost'); drop index assets_by_state; alter table assets alter column state type asset_state using state::asset_state"],
  ['another trigger', 'create function quiet() returns trigger language plpgsql as $$ begin return new; end $$; create trigger z_other before insert on assets for each row execute function quiet()'],
]

const faultsOf = async (db: Knex, app: AnyApp): Promise<readonly string[]> => {
  try {
    await compareTables(db, compiled(app))
    return []
  } catch (error) {
    if (error instanceof BootError) return error.faults
    throw error
  }
}

const withResource = (resource: AnyResource): AnyApp => ({ ...lendingApp, resources: [...lendingApp.resources, resource] })

onEachDatabase('contract: definitions and the database', (kind) => {
  let running: RunningApp | undefined
  before(async function () {
    this.timeout(120_000)
    running = await startApp(lendingApp, kind)
  })
  after(() => running?.stop())

  /** Within a transaction that is undone: what somebody has done to the database. */
  const given = async <T>(sql: string, look: (db: Knex) => Promise<T>): Promise<T> => {
    const { database } = (running as RunningApp).server
    const trx = await database.knex.transaction()
    try {
      await trx.raw(sql.replaceAll('?', '\\?'))
      return await look(trx)
    } finally {
      await trx.rollback()
    }
  }

  it('agree when all is well', async () => {
    expect(await given('select 1', (db) => faultsOf(db, lendingApp))).to.deep.equal([])
    expect((running as RunningApp).log.lines.filter(({ level }) => level === 'warn')).to.deep.equal([])
  })

  for (const [title, sql, fault] of broken) {
    it(`do not: ${title}`, async () => {
      const found = await given(sql, (db) => faultsOf(db, lendingApp))
      expect(found.filter((each) => fault.test(each)), found.join('\n')).to.have.length(1)
    })
  }

  for (const [title, sql] of harmless) {
    it(`agree: ${title}`, async () => expect(await given(sql, (db) => faultsOf(db, lendingApp))).to.deep.equal([]))
  }

  it('say all that is wrong at once', async () => {
    const found = await given('drop table loans; alter table assets drop column notes; drop trigger c_scope on sites', (db) =>
      faultsOf(db, lendingApp))
    expect(found.map((each) => each.split(':')[0])).to.deep.equal(['site', 'asset.notes', 'loan'])
  })

  it('refuse a resource on the table of another part', async () => {
    for (const [name, plural] of [
      ['session', 'sessions'], ['job', 'jobs'], ['request', 'requests'], ['setting', 'config'], ['history', 'feed'],
      ['entry', 'audit_entries'],
    ] as const) {
      const found = await given('select 1', (db) => faultsOf(db, withResource(defineResource({ name, plural, schema: object({}) }))))
      expect(found.filter((each) => each.startsWith(`${name}: the table "${plural}" is `)), found.join('\n')).to.have.length(1)
    }
  })

  it('refuse a table that is named by a word of SQL', async () => {
    const found = await given('select 1', (db) =>
      faultsOf(db, withResource(defineResource({ name: 'purchase', plural: 'order', schema: object({}) }))))
    expect(found).to.include('purchase.plural: "order" is a word of SQL and cannot name a table; choose another plural')
  })

  it('are content with a view that is only read, and with one that is written not', async () => {
    const view = 'create view free_assets as select * from assets'
    const of = (events?: readonly ('list' | 'get' | 'create')[]): AnyApp =>
      withResource(defineResource({
        name: 'free', plural: 'free_assets', schema: object({ label: label(80).required() }), ...(events ? { events } : {}),
      }))
    expect(await given(view, (db) => faultsOf(db, of(['list', 'get'])))).to.deep.equal([])
    expect(await given(view, (db) => faultsOf(db, of()))).to.have.length(1)
  })

  it('cost one statement', async () => {
    const statements: string[] = []
    // In a transaction of its own: the rest of the server goes on asking.
    await given('select 1', async (db) => {
      db.on('query', ({ sql }: { sql: string }) => void statements.push(sql))
      await faultsOf(db, lendingApp)
    })
    expect(statements.filter((sql) => !/^rollback/i.test(sql))).to.have.length(1)
  })

  it('warn of a column that refers to rows and has no index', async () => {
    const { slow } = await given('drop index loans_asset_id_index; alter table asset_watchers drop constraint asset_watchers_pkey', (db) =>
      compareTables(db, compiled(lendingApp)))
    expect(slow).to.deep.equal([
      'asset.relations.watchers: the column "asset_id" of the table "asset_watchers" has no index. In a migration: create index on asset_watchers (asset_id)',
      'loan.relations.asset: the column "asset_id" of the table "loans" has no index. In a migration: create index on loans (asset_id)',
    ])
  })

  it('warn of what lists may ask and no index answers, with what makes it', async () => {
    const slowAfter = async (sql: string): Promise<readonly string[]> =>
      (await given(sql, (db) => compareTables(db, compiled(lendingApp)))).slow
    expect(await slowAfter('drop index assets_by_label; drop index loans_by_due_at; create index on loans (due_at)')).to.deep.equal([
      'asset.list: the table "assets" is read whole, or sorted, by what lists may ask. In a migration: create index "assets_by_label" on "assets" ((("label")::text collate sovrane_text), id)',
      'loan.list: the table "loans" is read whole, or sorted, by what lists may ask. In a migration: create index "loans_by_due_at" on "loans" ("due_at", id)',
    ])
    // The order of the database, and an index of some rows, are not those that lists ask for.
    expect(await slowAfter('drop index assets_by_state; create index on assets (state)')).to.have.length(1)
    expect(await slowAfter("drop index assets_by_price; create index on assets (price, id) where state = 'free'")).to.have.length(1)
    expect(await slowAfter('drop index users_by_email; drop index users_email; drop index users_search')).to.deep.equal([
      'user.list: the table "users" is read whole, or sorted, by what lists may ask. In a migration: create index "users_by_email" on "users" ((("email")::text collate sovrane_text), id); '
      + 'create index "users_at_email" on "users" (lower("email")); create index "users_search" on "users" using gin (upper(("first_name")::text collate sovrane_text) "public".gin_trgm_ops, '
      + 'upper(("last_name")::text collate sovrane_text) "public".gin_trgm_ops, upper(("email")::text collate sovrane_text) "public".gin_trgm_ops)',
    ])
  })

  it('make the indexes that they say are missing', async () => {
    for (const index of ['assets_by_label', 'assets_by_state', 'assets_by_price', 'assets_search', 'users_by_email', 'groups_is_description']) {
      const slow = await given(`drop index ${index}`, async (db) => {
        const { slow: [sentence = ''] } = await compareTables(db, compiled(lendingApp))
        await db.raw(sentence.split('In a migration: ')[1] ?? '')
        return (await compareTables(db, compiled(lendingApp))).slow
      })
      expect(slow, index).to.deep.equal([])
    }
  })

  it('say once that there are no trigrams', async () => {
    const { slow } = await given('drop extension pg_trgm cascade', (db) => compareTables(db, compiled(lendingApp)))
    expect(slow).to.deep.equal([
      'searches read whole tables: the database lacks the extension pg_trgm. Once it is there, the next start names the indexes to make',
    ])
  })

  it('stop a start whose migration was forgotten, before anything is served', async () => {
    const note = defineResource({
      name: 'note', schema: object({
        text: string().required(), size: number().nullable().default(null), extra: json(100).nullable().default(null),
        userId: id().nullable().default(null),
      }),
      relations: { user: one('user', { via: 'userId' }), readers: many('user', { through: { table: 'note_readers' } }) },
    })
    const place = await freshPlace(kind)
    const error: unknown = await startServer(withResource(note), {
      environment: place.environment, log: recordingLog(), print: () => undefined, interactive: false,
    }).then(() => undefined, (thrown: unknown) => thrown)
    await place.remove()
    expect(error).to.be.instanceOf(BootError)
    expect((error as BootError).faults).to.deep.equal([
      'note.relations.readers: there is no table "note_readers". Make it in a migration: OWNER=resources npx knex migrate:make note_readers',
      'note: there is no table "notes". Make it in a migration: OWNER=resources npx knex migrate:make notes',
    ])
  })
})
