// A definition before and after a change, of each kind that there is, with rows that must all be there afterwards.
import { boolean, number, object, string } from 'yup'
import { dateTime, defineResource, email, id, json, label, many, one, scopeId, type AnyResource } from '../../core/define/index.ts'

const base = {
  label: label(80).required(), seats: number().integer().default(4), notes: string().max(500).nullable().default(null),
  siteId: id().nullable().default(null),
}

const site = { site: one('site', { via: 'siteId' }) } as const
const crew = { crew: many('user', { through: { table: 'boat_crew' }, item: 'user' }) } as const
const list = { search: ['label'], filter: ['label', 'seats'], sort: ['label', 'createdAt'] } as const

/** The boat that most changes begin with. */
const boat = defineResource({ name: 'boat', schema: object(base), relations: site, list })
const manned = defineResource({ name: 'boat', schema: object(base), relations: { ...site, ...crew }, list })

export interface Change {
  readonly title: string
  readonly before: readonly AnyResource[]
  readonly after: readonly AnyResource[]
  /** SQL that makes rows of before. */
  readonly rows?: string
  /** What someone has done to the tables of before. */
  readonly given?: string
  readonly renames?: readonly string[]
  readonly drops?: readonly string[]
  /** Pieces of code that the migration must have. */
  readonly code: readonly RegExp[]
  /** SQL that must find a row once it has run. */
  readonly found?: string
  /** Tables that are there under another name afterwards. */
  readonly tables?: Readonly<Record<string, string>>
  /** A column that is there under another name afterwards. */
  readonly renamed?: readonly [from: string, to: string]
  /** A column whose values are of another type afterwards. */
  readonly converted?: string
  /** A column in which rows that had no value have one afterwards, and keep it. */
  readonly filled?: string
  /** What is commented out stays to be done. */
  readonly isLeft?: true
}

const boats = `insert into sites (id, label) values ('s1', 'North'), ('s2', 'South');
  insert into boats (id, label, seats, notes, site_id) values ('b1', 'Gull', 3, 'old', 's1'),
    ('b2', 'Tern', 8, null, 's2'), ('b3', 'Auk', 1, null, null);`
const people = `insert into users (id, first_name, last_name, email) values ('u1', 'Ada', 'Park', 'ada@example.com'),
    ('u2', 'Ben', 'Park', 'ben@example.com');`
const links = `${boats} ${people} insert into boat_crew (boat_id, user_id) values ('b1', 'u1'), ('b1', 'u2'), ('b2', 'u1');`

const boatWith = (schema: object, more: object = {}): AnyResource =>
  defineResource({ name: 'boat', schema: object({ ...base, ...schema }), relations: site, list, ...more })

export const changes: readonly Change[] = [
  {
    title: 'a resource, with its links', before: [], rows: people, after: [manned],
    code: [
      /createTable\('boats'/,
      /createTable\('boat_crew'/,
      /trackChanges\(knex, 'boats'/,
      /touchOwner\(knex, 'boat_crew'/,
      /indexList/,
      /indexSearch/,
    ],
  },
  {
    title: 'a field that may be empty', before: [boat],
    after: [boatWith({ hull: json(500).nullable().default(null) })],
    code: [/table\.jsonb\('hull'\)$/m],
  },
  {
    title: 'a field with a default', before: [boat],
    after: [boatWith({ state: string().oneOf(['in', 'out']).default('in'), sunk: boolean().default(false) })],
    code: [/table\.text\('state'\)\.notNullable\(\)\.defaultTo\('in'\)/, /table\.boolean\('sunk'\)\.notNullable\(\)\.defaultTo\(false\)/],
    found: "select 1 from boats where state = 'in' and not sunk having count(*) = 3",
  },
  {
    title: 'a field that must be given', before: [boat],
    after: [boatWith({ plate: string().max(9).required(), builtAt: dateTime().required(), length: number().required() })],
    code: [/choose it/, /alter column plate drop default/, /defaultTo\(knex\.fn\.now\(\)\)/],
    found: "select 1 from boats where plate = '' and length = 0 having count(*) = 3",
  },
  {
    title: 'a field that must be given and is unique', before: [boat],
    after: [boatWith({ plate: string().max(64).required() }, { unique: ['plate'] })],
    code: [/update\(\{ plate: knex\.ref\('id'\) \}\)/, /table\.unique\(\['plate'\]\)/], found: "select 1 from boats where plate = 'b1'",
  },
  {
    title: 'a reference that must be given', before: [boat],
    after: [boatWith({ homeId: id().required() }, { relations: { ...site, home: one('site', { via: 'homeId' }) } })],
    code: [/references\('sites\.id'\)\.index\(\)/, /update\(\{ home_id: knex\('sites'\)\.min\('id'\) \}\)/, /dropNullable\('home_id'\)/],
    found: "select 1 from boats where home_id = 's1' having count(*) = 3",
  },
  {
    title: 'a field under another name', before: [boat], renames: ['seats:capacity'], renamed: ['seats', 'capacity'],
    after: [defineResource({
      name: 'boat', relations: site, list: { ...list, filter: ['label', 'capacity'] },
      schema: object({ label: base.label, capacity: number().integer().default(4), notes: base.notes, siteId: base.siteId }),
    })],
    code: [/table\.renameColumn\('seats', 'capacity'\)/, /alter index boats_by_seats rename to boats_by_capacity/],
  },
  {
    title: 'a resource under another name, with its links and its scope', rows: links,
    renames: ['boats:ships', 'boat_crew:ship_crew', 'ship_crew.boat_id:ship_id', 'seats:berths'],
    tables: { boats: 'ships', boat_crew: 'ship_crew' }, renamed: ['boat_id', 'ship_id'], converted: 'seats',
    before: [defineResource({
      name: 'boat', schema: object({ ...base, bossId: id().nullable().default(null) }), list, scope: true,
      relations: { ...site, ...crew, boss: one('boat', { via: 'bossId', acyclic: true }), below: many('boat', { inverse: 'boss' }) },
    })],
    after: [defineResource({
      name: 'ship', list: { ...list, filter: ['label', 'berths'] }, scope: true,
      schema: object({
        label: base.label, berths: base.seats, notes: base.notes, siteId: base.siteId, bossId: id().nullable().default(null),
      }),
      relations: {
        ...site, crew: many('user', { through: { table: 'ship_crew' }, item: 'user' }),
        boss: one('ship', { via: 'bossId', acyclic: true }), below: many('ship', { inverse: 'boss' }),
      },
    })],
    code: [
      /untrackChanges\(knex, 'boats'\)/, /renameTable\('boats', 'ships'\)/, /renameTable\('boat_crew', 'ship_crew'\)/,
      /alter index boats_pkey rename to ships_pkey/, /trackChanges\(knex, 'ships', \{ resource: 'ship', scope: true \}\)/,
      /touchOwner\(knex, 'ship_crew', \{ owner: 'ships', by: 'ship_id' \}\)/, /Keys that are called after the resource/,
    ],
    found: "select 1 from scopes where resource = 'ship' having count(*) = 3",
  },
  {
    title: 'a resource under another name, whose table keeps its own', before: [manned], rows: links, renames: ['boat:ship'],
    after: [defineResource({ name: 'ship', plural: 'boats', schema: object(base), list, relations: {
      ...site, crew: many('user', { through: { table: 'boat_crew', own: 'boat_id' }, item: 'user' }),
    } })],
    code: [/untrackChanges\(knex, 'boats'\)/, /trackChanges\(knex, 'boats', \{ resource: 'ship' \}\)/],
  },
  {
    title: 'links under another name', before: [manned], rows: links, renames: ['boat_crew:boat_hands'],
    tables: { boat_crew: 'boat_hands' },
    after: [defineResource({ name: 'boat', schema: object(base), list, relations: {
      ...site, crew: many('user', { through: { table: 'boat_hands' }, item: 'user' }),
    } })],
    code: [/renameTable\('boat_crew', 'boat_hands'\)/, /touchOwner\(knex, 'boat_hands', \{ owner: 'boats', by: 'boat_id' \}\)/],
  },
  {
    title: 'a relation under another name, which is heard at its other end',
    renames: ['boat.bossId:chiefId'], renamed: ['boss_id', 'chief_id'],
    before: [boatWith({ bossId: id().nullable().default(null) }, { relations: {
      ...site, boss: one('boat', { via: 'bossId', acyclic: true }), below: many('boat', { inverse: 'boss' }),
    } })],
    after: [boatWith({ chiefId: id().nullable().default(null) }, { relations: {
      ...site, chief: one('boat', { via: 'chiefId', acyclic: true }), below: many('boat', { inverse: 'chief' }),
    } })],
    rows: `${boats} update boats set boss_id = 'b1' where id = 'b2';`, found: "select 1 from boats where chief_id = 'b1'",
    code: [
      /untouchOwner\(knex, 'boats', \{ owner: 'boats', by: 'boss_id' \}\)/,
      /touchOwner\(knex, 'boats', \{ owner: 'boats', by: 'chief_id', when: 'chief_id' \}\)/,
    ],
  },
  {
    title: 'a wider type', before: [boat], after: [boatWith({ seats: number().integer().max(9_000_000_000).default(4) })],
    code: [/alter column seats drop default, alter column seats type bigint using seats::bigint/, /set default 4/],
  },
  {
    title: 'another type, by which lists are sorted', before: [boat],
    converted: 'seats',
    after: [boatWith({ seats: string().max(20).default('4') })],
    code: [/drop index boats_by_seats/, /type text using seats::text/, /indexList\(knex, 'boats', \{ seats: 'text' \}\)/],
    found: "select 1 from boats where seats = '8'",
  },
  {
    title: 'a field that may be empty from now on', before: [boat],
    after: [boatWith({ seats: number().integer().nullable().default(null) })],
    code: [/setNullable\('seats'\)/, /drop default/],
  },
  {
    title: 'a field that may no longer be empty', before: [boat],
    filled: 'notes',
    after: [boatWith({ notes: string().max(500).default('none') })],
    code: [/whereNull\('notes'\)\.update\(\{ notes: 'none' \}\)/, /dropNullable\('notes'\)/],
    found: "select 1 from boats where notes = 'none' having count(*) = 2",
  },
  {
    title: 'another default', before: [boat],
    after: [boatWith({ seats: number().integer().default(6) })],
    code: [/set default 6/, /set default 4/],
  },
  {
    title: 'a check of what a field can be', before: [boatWith({ state: string().oneOf(['in', 'out']).default('in') })],
    given: "alter table boats add constraint boats_state check (state in ('in', 'out'))",
    after: [boatWith({ state: string().oneOf(['in', 'out', 'lost']).default('in') })], code: [/check \(state in \('in', 'out', 'lost'\)\)/],
  },
  {
    title: 'a field that is unique', before: [boat],
    after: [boatWith({}, { unique: ['label', ['siteId', 'seats']] })],
    code: [/table\.unique\(\['label'\]\)/, /table\.unique\(\['site_id', 'seats'\]\)/],
  },
  {
    title: 'an address that is unique', before: [boatWith({ mail: email().nullable().default(null) })],
    after: [boatWith({ mail: email().nullable().default(null) }, { unique: ['mail'] })],
    code: [/create unique index boats_mail_unique on boats \(lower\(mail\)\)/],
  },
  {
    title: 'a field that is not unique any longer', before: [boatWith({}, { unique: ['label'] })],
    after: [boat],
    code: [/table\.dropUnique\(\['label'\], 'boats_label_unique'\)/],
  },
  {
    title: 'a reference', before: [defineResource({ name: 'boat', schema: object(base), list })],
    after: [boat],
    code: [/table\.foreign\('site_id'\)\.references\('sites\.id'\)/, /table\.index\('site_id'\)/],
  },
  {
    title: 'a reference that is only a text', before: [boat],
    after: [defineResource({ name: 'boat', schema: object(base), list })],
    code: [/table\.dropForeign\(\['site_id'\], 'boats_site_id_foreign'\)/],
  },
  {
    title: 'a link that keeps its target', before: [manned], rows: links,
    after: [defineResource({ name: 'boat', schema: object(base), list, relations: {
      ...site, crew: many('user', { through: { table: 'boat_crew', onTargetDelete: 'restrict' }, item: 'user' }),
    } })],
    code: [/table\.dropForeign\(\['user_id'\], 'boat_crew_user_id_foreign'\)/, /table\.foreign\('user_id'\)\.references\('users\.id'\)$/m],
  },
  {
    title: 'links', before: [boat],
    after: [manned],
    code: [/createTable\('boat_crew'/, /touchOwner\(knex, 'boat_crew', \{ owner: 'boats', by: 'boat_id' \}\)/],
  },
  {
    title: 'a column of links', before: [manned], rows: links,
    after: [defineResource({ name: 'boat', schema: object(base), list, relations: {
      ...site,
      crew: many('user', { item: 'user', through: {
        table: 'boat_crew', columns: object({ scopeId: scopeId().nullable().default(null), deck: boolean().default(false) }),
      } }),
    } })],
    code: [
      /table\.boolean\('deck'\)\.notNullable\(\)\.defaultTo\(false\)/,
      /dropPrimary\('boat_crew_pkey'\)/,
      /nulls not distinct/,
      /references\('scopes\.id'\)/,
    ],
    found: 'select 1 from boat_crew where not deck having count(*) = 3',
  },
  {
    title: 'what lists may ask', before: [boat], after: [defineResource({
      name: 'boat', schema: object(base), relations: site,
      list: { search: ['label', 'notes'], filter: ['label', 'siteId', 'notes'], sort: ['notes', 'label', 'createdAt'] },
    })],
    code: [
      /indexList\(knex, 'boats', \{ notes: 'text' \}\)/,
      /drop index boats_search/,
      /indexSearch\(knex, 'boats', \['label', 'notes'\]\)/,
      /drop index boats_by_seats/,
    ],
  },
  {
    title: 'a scope', before: [boat], after: [boatWith({}, { scope: true })],
    code: [/trackChanges\(knex, 'boats', \{ resource: 'boat', scope: true \}\)/, /untrackChanges\(knex, 'boats', \{ only: 'scope' \}\)/],
    found: "select 1 from scopes where resource = 'boat' having count(*) = 3",
  },
  {
    title: 'a scope that is none any longer', before: [boatWith({}, { scope: true })],
    after: [boat],
    code: [/untrackChanges\(knex, 'boats', \{ only: 'scope' \}\)/],
  },
  {
    title: 'the other end of a link', before: [manned], rows: links,
    after: [
      boatWith({ dockId: id().nullable().default(null) }, { relations: { ...site, ...crew, dock: one('dock', { via: 'dockId' }) } }),
      defineResource({ name: 'dock', schema: object({ label: base.label }), relations: { boats: many('boat', { inverse: 'dock' }) } }),
    ],
    code: [/touchOwner\(knex, 'boats', \{ owner: 'docks', by: 'dock_id', when: 'dock_id' \}\)/],
  },
  {
    title: 'a field that is gone', before: [boat], isLeft: true, after: [defineResource({
      name: 'boat', relations: site, list, schema: object({ label: base.label, seats: base.seats, siteId: base.siteId }),
    })],
    code: [
      /^ {2}\/\/ Not run: what is in "notes" \(text\) would be lost/m,
      /^ {2}\/\/ {3}table\.dropColumn\('notes'\)/m,
      /^ {2}\/\/ {3}table\.text\('notes'\)/m,
    ],
  },
  {
    title: 'a field that is gone, and had to be given', before: [boatWith({ plate: string().max(9).required() })], isLeft: true,
    rows: boats.replace('(id, label,', "(id, plate, label,").replaceAll(/\('(b\d)', /g, "('$1', '$1', "), after: [boat],
    code: [/^ {4}table\.setNullable\('plate'\)/m, /^ {2}\/\/ {3}table\.dropColumn\('plate'\)/m],
  },
  {
    title: 'a field that is gone, while one like it comes', before: [boat], drops: ['boats.notes'], isLeft: true,
    after: [defineResource({
      name: 'boat', relations: site, list, schema: object({
        label: base.label, seats: base.seats, siteId: base.siteId, history: string().max(500).nullable().default(null),
      }),
    })],
    code: [/table\.text\('history'\)/, /^ {2}\/\/ {3}table\.dropColumn\('notes'\)/m],
  },
]

/** The rows that a change begins with. */
export const rowsOf = ({ rows, before }: Change): string => rows ?? (before.length === 0 ? people : boats)
