// Definitions are compared with the database at each start: what would fail every request stops it, with its place and what to do.
import { expect } from 'chai'
import type { Knex } from 'knex'
import { number, object, string } from 'yup'
import { BootError } from '../../core/model/faults.ts'
import { compareTables, judge } from '../../core/boot/tables.ts'
import { gradeOf, type Difference, type Grade } from '../../core/schema/differences.ts'
import { sentenceOf } from '../../core/schema/sentences.ts'
import { startServer } from '../../core/boot/server.ts'
import { defineResource, id, json, label, many, one, type AnyResource } from '../../core/define/index.ts'
import { compiled, recordingLog, startApp, type AnyApp, type RunningApp } from '../kit/server.ts'
import { onAnyDatabase } from '../kit/databases.ts'
import { lendingApp } from '../support/lending/app.ts'
import { freshPlace } from '../kit/place.ts'

/** What somebody does to the database behind the definitions' back, and what the start says of it. */
const broken: readonly [title: string, sql: string, fault: RegExp][] = [
  ['a missing table', 'drop table loans', /^loan: there is no table "loans"\. The migration is written by: npm run migration:diff -- loans$/],
  ['a missing table of a plugin\'s resource', 'drop table invitations', /^invitation: there is no table "invitations"\. .*npm run migration:diff -- invitations --owner invitations$/],
  ['a missing column', 'alter table assets drop column notes', /^asset\.notes: the table "assets" has no column "notes"\. The migration is written by: npm run migration:diff -- assets-notes$/],
  ['a missing column that every resource has', 'alter table loans drop column updated_by', /^loan\.updatedBy: the table "loans" has no column "updated_by"/],
  ['a missing table of links', 'drop table asset_watchers', /^asset\.relations\.watchers: there is no table "asset_watchers"/],
  ['a missing column of links', 'alter table asset_watchers drop column user_id', /^asset\.relations\.watchers: the table "asset_watchers" has no column "user_id"/],
  ['a missing column of a link\'s own', 'alter table asset_watchers drop column mail', /^asset\.relations\.watchers: .* no column "mail"/],
  ['a missing table of stored fields', 'drop table mfa_factors', /^user\.mfaEnabled: is kept in the table "mfa_factors", which does not exist$/],
  ['a missing column of stored fields', 'alter table logins drop column last_login_at', /^user\.lastLoginAt: is kept in the table "logins", which has no column "last_login_at"$/],
  ['a table whose changes nobody numbers', 'drop trigger a_stamp on loans', /^loan: the table "loans" is not tracked: .*npm run migration:diff -- loans-tracking$/],
  ['a table whose changes nobody records', 'drop trigger b_record on loans', /^loan: the table "loans" is not tracked/],
  ['a trigger that is switched off', 'alter table loans disable trigger b_record', /^loan: the table "loans" is not tracked/],
  ['a table that is another resource\'s', 'drop trigger b_record on loans; create trigger b_record after insert or update or delete on loans for each row execute function sovrane_record(\'asset\')',
    /^loan: the table "loans" is tracked as that of "asset"\./],
  ['a scope that no grant can name', 'drop trigger c_scope on sites', /^site: is a scope, and the table "sites" is not tracked as one: .*npm run migration:diff -- sites-tracking$/],
  ['rows whose move their owner does not hear of', 'drop trigger d_touch_assets_asset_id_update on loans', /^asset\.relations\.loans: a change of "asset_id" in the table "loans" is not heard as a change of the asset\. /],
  ['rows whose coming their owner does not hear of', 'drop trigger d_touch_categories_category_id_insert on assets', /^category\.relations\.assets: /],
  ['links whose end their owner does not hear of', 'drop trigger d_touch_assets_asset_id_delete on asset_watchers', /^asset\.relations\.watchers: a change of the links in the table "asset_watchers" is not heard as a change of the asset\. /],
  ['links whose end the other end does not hear of', 'drop trigger d_touch_categories_category_id_insert on asset_categories', /^category\.relations\.alsoFor: a change of the links in the table "asset_categories" is not heard as a change of the category\. /],
  ['links that hold keys and are not announced', 'drop trigger "e_announce_rights" on group_responsibles', /^group\.relations\.responsibles: those linked in the table "group_responsibles" hold keys, and a change of the links is not announced\. /],
  ['a column that must have a value, which no field gives', "alter table assets add column legacy text not null default ''; alter table assets alter column legacy drop default", /^asset: the column "legacy" of the table "assets" is NOT NULL and has no default, and no field writes it/],
  ['a column of links that must have a value', "alter table group_members add column since text not null default ''; alter table group_members alter column since drop default", /^group\.relations\.members: the column "since"/],
  ['a field that may be null in a column that may not', 'alter table assets alter column notes set not null', /^asset\.notes: may be null, and the column "notes" of the table "assets" is NOT NULL/],
  ['an extension\'s field without its column', 'alter table assets rename column label to name', /^asset\.label: the table "assets" has no column "label"/],
  ['a text in a column of numbers', 'alter table assets drop column notes; alter table assets add column notes int', /^asset\.notes: is a yup string, and the column "notes" .* is integer\. /],
  ['a number in a column of texts', 'alter table assets alter column price type text', /^asset\.price: is a yup number, and the column "price" .* is text\. /],
  ['a boolean in a column of numbers', 'alter table loans alter column overdue drop default; alter table loans alter column overdue type int using 0', /^loan\.overdue: is a yup boolean/],
  ['JSON in a column of texts', 'alter table users alter column metadata type text', /^user\.metadata: is a yup mixed/],
]

/** What works, and is not what the definition says: told at start, and never a reason to refuse it. */
const differing: readonly [title: string, grade: Grade, sql: string, said: RegExp][] = [
  ['a column that no field is kept in', 'wrong', 'alter table assets add column legacy text', /^asset: no field is kept in the column "legacy" of the table "assets"\. If .* otherColumns\. .*-- assets-legacy$/],
  ['a column that may be null, of a field that is not', 'wrong', 'alter table assets alter column serial drop not null', /^asset\.serial: is never null, and the column "serial" of the table "assets" may be\. /],
  ['a default that is missing', 'wrong', 'alter table assets alter column state drop default', /^asset\.state: has the default "free", and the column "state" of the table "assets" has none\. /],
  ['another default', 'wrong', "alter table assets alter column state set default 'lost'", /^asset\.state: has the default "free", and the column "state" of the table "assets" has 'lost'::text\. /],
  ['a default where the definition has null', 'wrong', "alter table assets alter column notes set default '-'", /^asset\.notes: has no default, and the column "notes" .* has '-'::text\. /],
  ['a text that is cut off', 'wrong', 'alter table assets alter column notes type varchar(20)', /^asset\.notes: allows more than its column can hold: .* is varchar\(20\)\. /],
  ['a fraction in a column of whole numbers', 'wrong', 'drop index assets_by_price; alter table assets alter column price type bigint; create index assets_by_price on assets (price, id)', /^asset\.price: allows more than its column can hold: .* is bigint\. /],
  ['a check that allows other texts', 'wrong', "alter table assets add constraint assets_state check (state in ('free', 'lent', 'sold'))", /^asset\.state: can be free, lent and lost, and the check "assets_state" of the table "assets" allows free, lent and sold\. /],
  ['a field that is not unique', 'wrong', 'alter table assets drop constraint assets_serial_unique', /^asset\.unique: the table "assets" does not hold "serial" unique\. /],
  ['an address that is unique by its case only', 'wrong', 'drop index users_email; create index on users (lower(email))', /^user\.unique: the table "users" does not hold "email" in any case unique\. /],
  ['a field that is unique, which the definition does not say', 'wrong', 'create unique index assets_once on assets (label)', /^asset: the index "assets_once" of the table "assets" holds label unique, /],
  ['a reference that is none', 'wrong', 'alter table loans drop constraint loans_asset_id_foreign', /^loan\.relations\.asset: the column "asset_id" of the table "loans" does not refer to "assets": /],
  ['a reference that takes rows along', 'wrong', 'alter table loans drop constraint loans_asset_id_foreign; alter table loans add constraint loans_asset foreign key (asset_id) references assets (id) on delete cascade', /^loan\.relations\.asset: the key "loans_asset" of the table "loans" says on delete cascade, and the definition no action\. /],
  ['a link that is not dropped with its row', 'wrong', 'alter table asset_watchers drop constraint asset_watchers_asset_id_foreign; alter table asset_watchers add foreign key (asset_id) references assets (id)', /^asset\.relations\.watchers: the key .* says on delete no action, and the definition cascade\. /],
  ['a scope of a link that could be anything', 'wrong', 'alter table user_permissions drop constraint user_permissions_scope_id_foreign', /^user\.relations\.permissions: the column "scope_id" of the table "user_permissions" does not refer to "scopes"/],
  ['a reference that no relation says', 'wrong', 'alter table assets add foreign key (notes) references sites (id)', /^asset: the column "notes" of the table "assets" refers to "sites", and no relation says so\. /],
  ['a link that could be there twice', 'wrong', 'alter table asset_watchers drop constraint asset_watchers_pkey; create index on asset_watchers (asset_id)', /^asset\.relations\.watchers: the table "asset_watchers" does not hold a link unique/],
  ['an identity that leaves out a column of the link', 'wrong', 'alter table asset_watchers drop constraint asset_watchers_pkey; alter table asset_watchers add primary key (asset_id, user_id)', /^asset\.relations\.watchers: .* does not hold a link unique/],
  ['a reference without an index', 'slow', 'drop index loans_asset_id_index', /^loan\.relations\.asset: the column "asset_id" of the table "loans" has no index\. /],
  ['a list without an index', 'slow', 'drop index assets_by_label; drop index assets_search', /^asset\.list: the table "assets" is read whole where it is sorted or filtered by "label", or searched\. /],
  ['an index of ours that answers nothing', 'spare', 'create index assets_by_notes on assets (notes)', /^asset\.list: the index "assets_by_notes" of the table "assets" answers nothing/],
  ['a scope that the definition is not', 'spare', "create trigger c_scope after insert or delete on assets for each row execute function sovrane_scope('asset')", /^asset: the table "assets" is tracked as a scope, and the definition is not one\. /],
]

/** What is right, although it looks like one of the above. */
const harmless: readonly [title: string, sql: string][] = [
  ['a column that is worked out', "alter table assets add column upper_label text generated always as (upper(label)) stored"],
  ['an identity', 'alter table assets add column serial_number int generated always as identity'],
  ['defaults in other words', "alter table assets alter column state set default ('free'::varchar(8)); alter table loans alter column overdue set default 'f'"],
  ['a check in other words', "alter table assets add constraint assets_state check (state = any (array['lost', 'lent', 'free']))"],
  ['a check of another kind', "alter table assets add constraint assets_notes check (length(notes) > 1)"],
  ['a link whose nulls are alike', 'drop index user_permissions_identity; create unique index on user_permissions (user_id, permission_id, scope_id, deny) nulls not distinct'],
  ['an index of some rows', "create unique index assets_some on assets (label) where state = 'lost'"],
  ['an index of their own', 'create index assets_notes_of_ours on assets (notes)'],
  ['a domain', "create domain short_text as text; alter table assets alter column label type short_text using label::short_text"],
  ['a choice as an enumeration', "create type asset_state as enum ('free', 'lent', 'lost'); drop index assets_by_state; alter table assets alter column state drop default; alter table assets alter column state type asset_state using state::asset_state; alter table assets alter column state set default 'free'"],
  ['another trigger', 'create function quiet() returns trigger language plpgsql as $$ begin return new; end $$; create trigger z_other before insert on assets for each row execute function quiet()'],
]

const differencesOf = async (db: Knex, app: AnyApp): Promise<readonly Difference[]> =>
  (await compareTables(db, compiled(app))).differences

/** The sentences of what stops a start where drift is refused. */
const faultsOf = async (db: Knex, app: AnyApp): Promise<readonly string[]> => {
  try {
    judge({ differences: await differencesOf(db, app), former: [], unsearchable: undefined }, 'refuse', recordingLog())
    return []
  } catch (error) {
    if (error instanceof BootError) return error.faults
    throw error
  }
}

/** All that is told, by its grade. */
const toldOf = async (db: Knex, app: AnyApp): Promise<string[]> =>
  (await differencesOf(db, app)).map((difference) => `${gradeOf(difference)} ${sentenceOf(difference)}`)

const withResource = (resource: AnyResource): AnyApp => ({ ...lendingApp, resources: [...lendingApp.resources, resource] })

onAnyDatabase('contract: definitions and the database', (kind) => {
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

  for (const [title, grade, sql, said] of differing) {
    it(`differ (${grade}): ${title}`, async () => {
      const told = await given(sql, (db) => toldOf(db, lendingApp))
      expect(told, told.join('\n')).to.have.length(1)
      expect(told[0]?.startsWith(`${grade} `), told[0]).to.equal(true)
      expect(told[0]?.slice(grade.length + 1)).to.match(said)
    })
  }

  for (const [title, sql] of harmless) {
    it(`agree: ${title}`, async () => expect(await given(sql, (db) => toldOf(db, lendingApp))).to.deep.equal([]))
  }

  it('say all that is wrong at once', async () => {
    const found = await given('drop table loans; alter table assets drop column notes; drop trigger c_scope on sites', (db) =>
      faultsOf(db, lendingApp))
    expect(found.map((each) => each.split(':')[0])).to.deep.equal(['site', 'asset.notes', 'loan'])
  })

  it('refuse a resource on the table of another part', async () => {
    for (const [name, plural] of [
      ['session', 'sessions'], ['task', 'jobs'], ['request', 'requests'], ['setting', 'config'], ['history', 'feed'],
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

  it('are told what lists lack, as SQL that makes it', async () => {
    const lacking = async (db: Knex): Promise<string[]> => (await differencesOf(db, lendingApp)).flatMap((difference) => {
      if (difference.kind !== 'lists') return []
      const { columns, search } = difference.lacks
      return [...columns.flatMap(({ missing }) => missing), ...(search ? [search.sql] : [])]
    })
    // The order of the database, and an index of some rows, are not those that lists ask for.
    for (const [sql, count] of [
      ['drop index assets_by_label', 1], ['drop index assets_by_state; create index on assets (state)', 1], ['drop index assets_search', 1],
      ["drop index assets_by_price; create index on assets (price, id) where state = 'free'", 1], ['drop index groups_is_description', 1],
      ['drop index users_by_email; drop index users_email; drop index users_search', 3],
    ] as const) {
      const left = await given(sql, async (db) => {
        const missing = await lacking(db)
        expect(missing, sql).to.have.length(count)
        for (const each of missing) await db.raw(each)
        return lacking(db)
      })
      expect(left, sql).to.deep.equal([])
    }
  })

  it('say once that there are no trigrams', async () => {
    const { differences, unsearchable } = await given('drop extension pg_trgm cascade', (db) => compareTables(db, compiled(lendingApp)))
    expect(differences).to.deep.equal([])
    const log = recordingLog()
    judge({ differences, former: [], unsearchable }, 'refuse', log)
    expect(log.lines.map(({ details }) => details)).to.deep.equal([{
      difference: 'searches read whole tables: the database lacks the extension pg_trgm. Once it is there, the next start names the indexes to make',
    }])
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
      environment: { ...place.environment, DRIFT: 'refuse' }, log: recordingLog(), print: () => undefined, interactive: false,
    }).then(() => undefined, (thrown: unknown) => thrown)
    await place.remove()
    expect(error).to.be.instanceOf(BootError)
    expect((error as BootError).faults).to.deep.equal([
      'note: there is no table "notes". The migration is written by: npm run migration:diff -- notes',
      'note.relations.readers: there is no table "note_readers". The migration is written by: npm run migration:diff -- note-readers',
    ])
  })
})
