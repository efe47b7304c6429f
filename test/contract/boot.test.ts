// What is wrong with an app stops it before any database is opened: every fault with its path, all of them together.
import { expect } from 'chai'
import { array, boolean, date, number, object, string, tuple } from 'yup'
import { BootError } from '../../core/model/faults.ts'
import { startServer } from '../../core/boot/server.ts'
import { defineReasons, defineResource, definePlugin, extensionPoint, dateTime, id, json, label, many, one, operation, type AnyPlugin, type AnyResource, type Contribution } from '../../core/define/index.ts'
import { compiled, recordingLog, type AnyApp } from '../kit/server.ts'

/** Definitions as a JavaScript author could write them: the compiler has not seen their mistakes. */
const resource = (definition: unknown): AnyResource => defineResource(definition as Parameters<typeof defineResource>[0])

const person = resource({ name: 'person', schema: object({ label: label(10).required(), placeId: id().nullable().default(null), roleIds: string().nullable().default(null) }), relations: { place: one('place', { via: 'placeId' }) } })
const place = resource({ name: 'place', schema: object({ label: label(10).required() }), scope: true })

const plugin = (name: string, contribution: Contribution, more: Partial<AnyPlugin> = {}): AnyPlugin => definePlugin({ name, setup: () => contribution, ...more })

const appOf = (resources: readonly AnyResource[], plugins: readonly AnyPlugin[] = []): AnyApp => ({
  resources: [person, place, ...resources],
  plugins,
  authority: { actor: 'person', watch: [], root: 'root', actors: 'select 1', register: () => Promise.resolve() },
  migrations: [],
})

const faultsOf = (app: AnyApp): readonly string[] => {
  try {
    compiled(app)
  } catch (error) {
    if (error instanceof BootError) return error.faults
    throw error
  }
  return []
}

const thing = (more: object): AnyResource => resource({ name: 'thing', schema: object({ label: label(10).required(), placeId: id().nullable().default(null), thingId: id().nullable().default(null) }), ...more })
const ask = (event: string) => operation({ event, kind: 'query', access: 'session', input: object({}), handle: () => Promise.resolve({}) })
const stamp = extensionPoint<{ readonly name: string }>({ plugin: 'post', kind: 'stamp', keyOf: ({ name }) => name })
const hook = (on: string) => ({ on, before: () => undefined })

const faulty: readonly [title: string, app: () => AnyApp, fault: string | RegExp][] = [
  ['a relation to nowhere', () => appOf([thing({ relations: { manager: one('usr', { via: 'placeId' }) } })]), 'thing.relations.manager: unknown resource "usr"'],
  // Found: it threw a plain error, and hid all other faults.
  ['many of nothing', () => appOf([thing({ relations: { parts: many('usr', { inverse: 'place' }) } })]), 'thing.relations.parts: unknown resource "usr"'],
  ['links to nothing', () => appOf([thing({ relations: { parts: many('usr', { through: { table: 't' }, item: 'part' }) } })]), 'thing.relations.parts: unknown resource "usr"'],
  ['a relation by no field', () => appOf([thing({ relations: { place: one('place', { via: 'plcId' }) } })]), 'thing.relations.place: there is no field "plcId"'],
  // Found: many by a field that was no relation booted, and adding a part was then `internal`.
  ['the inverse of no relation', () => appOf([thing({ relations: { parts: many('person', { inverse: 'thing', item: 'part' }) } })]), 'thing.relations.parts: "person" has no relation "thing"; declare it there, with one(), or with many() and "through"'],
  ['the inverse of a relation to another resource', () => appOf([thing({ relations: { parts: many('person', { inverse: 'place' }) } })]), 'thing.relations.parts: "person.place" leads to "place", not to "thing"'],
  ['the inverse of an inverse', () => appOf([thing({ relations: { parts: many('thing', { inverse: 'wholes' }), wholes: many('thing', { inverse: 'parts' }) } })]), 'thing.relations.parts: "thing.wholes" is an inverse too; one of the two ends declares the link'],
  ['a link of three ends', () => appOf([thing({ relations: { above: one('thing', { via: 'thingId' }), parts: many('thing', { inverse: 'above' }), pieces: many('thing', { inverse: 'above' }) } })]), 'thing.relations.pieces: "thing.above" has the inverse "parts" already; a link has two ends'],
  ...Object.entries({ permission: 'move-parts', through: { table: 't' }, field: true, holds: { keys: ['x'] }, via: 'thingId' }).map(([option, value]): [string, () => AnyApp, string] =>
    [`an inverse with a "${option}" of its own`, () => appOf([thing({ relations: { above: one('thing', { via: 'thingId' }), parts: many('thing', { inverse: 'above', [option]: value }) } })]), `thing.relations.parts: "${option}" is said once, where the link is declared: in "thing.above"`]),
  ['an inverse with an odd option', () => appOf([thing({ relations: { above: one('thing', { via: 'thingId' }), parts: many('thing', { inverse: 'above', caps: 4 } as never) } })]), 'thing.relations.parts: unknown option "caps"; the options are kind, target, inverse, item, cap'],
  ['many by nothing', () => appOf([thing({ relations: { parts: many('place', {} as never) } })]), 'thing.relations.parts: needs "through", the table of the links, or "inverse", the relation of "place" that declares them'],
  ['many by a field', () => appOf([thing({ relations: { parts: many('place', { via: 'thingId' } as never) } })]), 'thing.relations.parts: unknown option "via"; the options are kind, target, through, item, permission, field, cap, holds'],
  ['a cap beyond the limit', () => appOf([thing({ relations: { parts: many('place', { through: { table: 't' }, cap: 101 }) } })]), 'thing.relations.parts: a cap is 1 to 100'],
  // Found: the next three booted, and a grant within the scope reached less than its author believed.
  ['a scope that is none', () => appOf([thing({ relations: { owner: one('person', { via: 'placeId', scope: true }) } })]), /^thing\.relations\.owner: .*scope/],
  ['a tree of another resource', () => appOf([thing({ relations: { place: one('place', { via: 'placeId', acyclic: true }) } })]), /^thing\.relations\.place: /],
  ['a scope with an unknown parent', () => appOf([thing({ scope: { parent: 'above' } })]), /^thing\.scope.*: .*"above"/],
  ['a search by no field', () => appOf([thing({ list: { search: ['lable'] } })]), 'thing.list.search: there is no field "lable"'],
  ['a filter by no field', () => appOf([thing({ list: { filter: ['lable'] } })]), 'thing.list.filter: there is no field "lable"'],
  ['a search in a number', () => appOf([thing({ schema: object({ seats: number().nullable().default(null) }), list: { search: ['seats'] } })]), 'thing.list.search: "seats" is not a text, and cannot be searched in'],
  ['a search in a time', () => appOf([thing({ schema: object({ at: dateTime().nullable().default(null) }), list: { search: ['at'] } })]), 'thing.list.search: "at" is not a text, and cannot be searched in'],
  ['a search in a stamp', () => appOf([thing({ list: { search: ['createdAt'] } })]), 'thing.list.search: "createdAt" is not a text, and cannot be searched in'],
  ...(['search', 'filter', 'sort'] as const).map((list): [string, () => AnyApp, string] =>
    [`a ${list} by an array`, () => appOf([thing({ schema: object({ tags: array().of(string()).default([]) }), list: { [list]: ['tags'] } })]), `thing.list.${list}: "tags" holds more than one value, and cannot be used to ${list} by`]),
  ['a filter by free JSON', () => appOf([thing({ schema: object({ more: json(100).nullable().default(null) }), list: { filter: ['more'] } })]), 'thing.list.filter: "more" holds more than one value, and cannot be used to filter by'],
  ...['or', 'and', 'not'].map((name): [string, () => AnyApp, string] =>
    [`a field named ${name}`, () => appOf([thing({ schema: object({ [name]: boolean().default(false) }) })]), `thing.${name}: is a word of the protocol and cannot be a field`]),
  ['a sort by no field', () => appOf([thing({ list: { sort: ['lable'] } })]), 'thing.list.sort: there is no field "lable"'],
  ['an unknown field that is read-only', () => appOf([thing({ readOnly: ['lable'] })]), 'thing.readOnly: there is no field "lable"'],
  ['an unknown field that is fixed', () => appOf([thing({ fixed: ['lable'] })]), 'thing.fixed: there is no field "lable"'],
  ['a field that is a word of the protocol', () => appOf([thing({ schema: object({ include: boolean() }) })]), 'thing.include: is a word of the protocol and cannot be a field'],
  ['a field that every resource has', () => appOf([thing({ schema: object({ version: string() }) })]), 'thing.version: is declared twice'],
  ['a time that JSON has not', () => appOf([thing({ schema: object({ startsAt: date() }) })]), 'thing.startsAt: is a yup date, and JSON has no date type; use dateTime()'],
  ['a resource that is there already', () => appOf([resource({ name: 'place', schema: object({}) })]), 'place: is declared twice'],
  ['a resource with a name of two words', () => appOf([resource({ name: 'big-thing', schema: object({}) })]), /^big-thing: a resource is named by one lower-case word/],
  ['a hook of a definition that matches nothing', () => appOf([thing({ hooks: { 'ad-part': { before: () => undefined } } })]), 'thing: a hook is on "thing-ad-part", which matches no event'],
  ['a hook of a plugin that matches nothing', () => appOf([], [plugin('watcher', { hooks: [hook('usr-create')] })]), 'watcher: a hook is on "usr-create", which matches no event'],
  ['a pattern that matches nothing', () => appOf([], [plugin('watcher', { hooks: [hook('*-creat')] })]), 'watcher: a hook is on "*-creat", which matches no event'],
  ['an event of two plugins', () => appOf([], [plugin('a', { operations: [ask('say-hello')] }), plugin('b', { operations: [ask('say-hello')] })]), 'b: the event "say-hello" is already a\'s'],
  ['an operation of a resource that is generic already', () => appOf([thing({ operations: { update: ask('any') } })]), 'thing: the event "thing-update" is already thing\'s'],
  ['an operation of a resource on an unknown one', () => appOf([thing({ operations: { open: { ...ask('any'), row: { resource: 'plce', key: 'open-thing' } } } })]), 'thing: "thing-open" acts on the unknown resource "plce"'],
  ['an event that a definition has', () => appOf([], [plugin('a', { operations: [ask('place-get')] })]), 'a: the event "place-get" is already place\'s'],
  ...['place-changed', 'say-response', 'Say-hello', 'say hello', '__proto__', ''].map((event): [string, () => AnyApp, string] =>
    [`the event "${event}"`, () => appOf([], [plugin('a', { operations: [ask(event)] })]), `a: "${event}" cannot be an event`]),
  ['a plugin that is not there', () => appOf([], [plugin('a', {}, { requires: { mailer: plugin('mail', {}) } })]), 'a: requires the plugin "mail" (as mailer), which is not in the app'],
  ['two plugins of a name', () => appOf([], [plugin('a', {}), plugin('a', {})]), 'a: two plugins have this name'],
  ['a plugin that fails to set up', () => appOf([], [definePlugin({ name: 'a', setup: (): Contribution => { throw new Error('no key') } })]), 'a: no key'],
  ['what nobody reads', () => appOf([], [plugin('a', { provides: [stamp.of({ name: 'red' })] })]), 'a: provides the stamp "red" to the plugin "post", which is not in the app'],
  ['what is provided twice', () => appOf([], [plugin('post', {}), plugin('a', { provides: [stamp.of({ name: 'red' })] }), plugin('b', { provides: [stamp.of({ name: 'red' })] })]), 'b: the stamp "red" is provided twice'],
  ['what is not there yet', () => appOf([], [plugin('a', { provides: [undefined as never] })]), 'a: what it provides is undefined; do two files import each other?'],
  ['an extension of nothing', () => appOf([], [plugin('a', { extend: { usr: { schema: object({}) } } })]), 'a.extend.usr: unknown resource "usr"'],
  ['an extension that replaces', () => appOf([], [plugin('a', { extend: { place: { schema: object({ label: string() }) } } })]), 'a.extend.place.label: is declared twice'],
  ['an extension that rows cannot have', () => appOf([], [plugin('a', { extend: { place: { schema: object({ code: string().required() }) } } })]), 'a.extend.place.code: must be optional, nullable or have a default: rows are there already'],
  ['two plugins that authenticate', () => {
    const authenticator = { authenticate: () => Promise.reject(new Error('no')), ended: () => Promise.resolve(new Map()) }
    return appOf([], [plugin('a', { authenticator }), plugin('b', { authenticator })])
  }, 'authenticator: is given by a and b; only one can be used'],
  ['a to-one relation by nothing', () => appOf([thing({ relations: { place: one('place', {} as { via: string }) } })]), 'thing.relations.place: needs "via", the field of this resource that holds the id'],
  ['a relation that is none', () => appOf([thing({ relations: { place: { target: 'place', via: 'placeId' } } })]), 'thing.relations.place: must be made with one() or many()'],
  ['a relation by a number', () => appOf([thing({ schema: object({ size: number().required() }), relations: { place: one('place', { via: 'size' }) } })]), 'thing.relations.place: the field "size" is a yup number, and ids are texts: use id()'],
  ['a relation that is called like a field', () => appOf([thing({ relations: { label: one('place', { via: 'placeId' }) } })]), /^thing\.relations\.label: is the name of a field too/],
  ['a relation that is called like a field of all', () => appOf([thing({ relations: { version: many('thing', { through: { table: 't' } }) } })]), /^thing\.relations\.version: is the name of a field too/],
  ['events that would change what is fixed', () => appOf([thing({ fixed: ['placeId'], relations: { place: one('place', { via: 'placeId', events: true }) } })]), 'thing.relations.place: "events" would change the field "placeId", which is fixed'],
  ['an item that would change what is fixed', () => appOf([thing({ fixed: ['thingId'], relations: { above: one('thing', { via: 'thingId' }), parts: many('thing', { inverse: 'above', item: 'part' }) } })]), 'thing.relations.parts: "item" would change the field "thingId" of "thing", which is fixed'],
  ['links without a table', () => appOf([thing({ relations: { parts: many('place', { through: {} as { table: string } }) } })]), 'thing.relations.parts.through: needs "table", the table of the links'],
  ['links of a resource to itself by one column', () => appOf([thing({ relations: { parts: many('thing', { through: { table: 't' } }) } })]), 'thing.relations.parts.through: "own" and "other" are the same column, "thing_id": name the two columns'],
  ['a link\'s column without a default', () => appOf([thing({ relations: { parts: many('place', { through: { table: 't', columns: object({ since: string() }) } }) } })]), 'thing.relations.parts.through.columns.since: needs a default: it is part of what a link is'],
  ['a table with an odd name', () => appOf([thing({ relations: { parts: many('place', { through: { table: 'My Table' } }) } })]), /^thing\.relations\.parts\.through: "My Table" cannot name a table/],
  ['reading of no relation', () => appOf([thing({ relations: { parts: many('place', { through: { table: 't' }, holds: { keys: [], reads: ['x'] } }) } })]), 'thing.relations.parts.holds.reads: there is no relation "x"'],
  ['a permission that is no key', () => appOf([thing({ relations: { place: one('place', { via: 'placeId', permission: 'Move things' }) } })]), /^thing\.relations\.place\.permission: "Move things" cannot be a permission key/],
  ['a renamed key that is none', () => appOf([thing({ keys: { create: 'Make' } })]), /^thing\.keys\.create: "Make" cannot be a permission key/],
  ['a key of no action', () => appOf([thing({ keys: { write: 'write' } })]), 'thing.keys: "write" is not one of list, get, create, update, delete'],
  ['an event that there is not', () => appOf([thing({ events: ['read'] })]), 'thing.events: "read" is not one of list, get, create, update, delete'],
  ['a plural that is no table', () => appOf([thing({ plural: 'my-things' })]), /^thing\.plural: "my-things" cannot name a table/],
  ['two resources of one table', () => appOf([thing({ plural: 'places' })]), 'thing.plural: the table "places" is the resource "place"\'s too'],
  ['an option that is misspelt', () => appOf([thing({ readonly: ['label'] })]), 'thing: unknown option "readonly"; it is called "readOnly"'],
  ['an option that there is not', () => appOf([thing({ list: { serach: ['label'] } })]), 'thing.list: unknown option "serach"; the options are search, filter, sort'],
  ['an option of a relation', () => appOf([thing({ relations: { place: one('place', { via: 'placeId', require: true } as never) } })]), /^thing\.relations\.place: unknown option "require"/],
  ['a moment of a hook', () => appOf([thing({ hooks: { create: { befor: () => undefined } } })]), 'thing.hooks.create: unknown option "befor"; the options are around, prepare, before, after, committed'],
  ['a moment that is no function', () => appOf([thing({ hooks: { create: { before: 'x' } } })]), 'thing.hooks.create.before: is not a function'],
  ['a field that may be left out and is nothing then', () => appOf([thing({ schema: object({ note: string() }) })]), /^thing\.note: may be left out and then reads null/],
  ['a field of an extension that is nothing', () => appOf([], [plugin('a', { extend: { place: { schema: object({ note: string() }) } } })]), /^place\.note: may be left out and then reads null/],
  ['a read-only field that nothing fills', () => appOf([thing({ schema: object({ note: string().required() }), readOnly: ['note'] })]), /^thing\.note: is written by no client/],
  ['a default that its own schema refuses', () => appOf([thing({ schema: object({ note: string().max(3).default('long') }) })]), 'thing.note: its default is not a valid value of it'],
  ['two fields of one column', () => appOf([thing({ schema: object({ theNote: string().required(), the_note: string().required() }) })]), 'thing.the_note: has the same column as "theNote": "the_note"'],
  ['a field with an odd name', () => appOf([thing({ schema: object({ 'the note': string().required() }) })]), 'thing.the note: cannot be a field; use letters and digits, the first a letter'],
  ['a schema that is none', () => appOf([thing({ schema: { label: string() } })]), 'thing.schema: must be a yup schema: object({ … })'],
  ['no schema', () => appOf([thing({ schema: undefined })]), 'thing.schema: is missing'],
  ['a schema of a text', () => appOf([thing({ schema: string() })]), 'thing.schema: must be object({ … }), and is a yup string'],
  ['a schema of another yup', () => appOf([thing({ schema: { __isYupSchema__: true, type: 'object', fields: {} } })]), /^thing\.schema: comes from another copy of yup/],
  ['a field that was not called', () => appOf([thing({ schema: object({ label: label as never }) })]), 'thing.label: is a function and not a schema: call it'],
  ['a field that is no schema', () => appOf([thing({ schema: object({ label: 'text' as never }) })]), 'thing.label: is not a yup schema'],
  ['a field that no column holds', () => appOf([thing({ schema: object({ label: tuple([string()]) }) })]), 'thing.label: is a yup tuple, which no column can hold'],
  ['an example of no field', () => appOf([thing({ examples: { lable: () => 'x' } })]), 'thing.examples: there is no field "lable"'],
  ['an example that its own schema refuses', () => appOf([thing({ examples: { label: () => 'much too long' } })]), /^thing\.examples\.label: the example of 1 is not valid: must be at most 10 characters long/],
  ['an example that is no function', () => appOf([thing({ examples: { label: 'x' } })]), 'thing.examples.label: must be a function of a number'],
  ...[
    ["a rule of no action", 'read', {}, undefined, 'allow read: "read" is not one of list, get, create, update, delete'],
    ['a rule on no field', 'list', { custodian: 'x' }, undefined, 'allow list: there is no field "custodian"'],
    ['a rule on no field, within another', 'get', { $or: [{ label: 'x' }, { $and: [{ custodian: 'x' }] }] }, undefined, 'allow get: there is no field "custodian"'],
    ['a rule for no field', 'update', {}, ['note'], 'allow update: there is no field "note"'],
    ['a rule with what SQL has not', 'list', { label: { $regex: 'x' } }, undefined, /^thing\.permissions: allow list: .*regex/],
    ['a rule that compares a text with a number', 'list', { label: 4 }, undefined, 'allow list: the field "label" is a string, and is compared with a number'],
    ['a rule that compares a text with numbers', 'list', { label: { $in: ['x', 4] } }, undefined, 'allow list: the field "label" is a string, and is compared with a number'],
  ].map(([title, action, conditions, fields, fault]): [string, () => AnyApp, string | RegExp] => [
    title as string,
    () => appOf([thing({ permissions: ({ allow }: { allow: (...rule: unknown[]) => void }) => allow(action, conditions, fields) })]),
    typeof fault === 'string' ? `thing.permissions: ${fault}` : fault as RegExp,
  ]),
  ['rules that fail', () => appOf([thing({ permissions: (): void => { throw new Error('no such thing') } })]), 'thing.permissions: fails for someone with no grant: Error: no such thing'],
  ['a plugin that is called like the engine', () => appOf([], [plugin('core', {})]), /^core: is the name of a part of every app/],
  ['a plugin that is called like the resources', () => appOf([], [plugin('resources', {})]), /^resources: is the name of a part of every app/],
  ['a plugin that requires what is not there yet', () => appOf([], [plugin('a', {}, { requires: { b: undefined as never } })]), 'a: requires.b is undefined; do the two plugins import each other?'],
  ['a plugin with an odd option', () => appOf([], [plugin('a', {}, { migration: 'x' } as object)]), /^a: unknown option "migration"; the options are/],
  ['a plugin that contributes an odd thing', () => appOf([], [plugin('a', { operation: [] } as object)]), /^a: unknown option "operation"; the options are/],
  ['a plugin that contributes nothing', () => appOf([], [definePlugin({ name: 'a', setup: () => undefined as never })]), /^a: setup\(\) returns nothing/],
  ['a plugin that takes its time', () => appOf([], [definePlugin({ name: 'a', setup: () => Promise.resolve({}) as never })]), /^a: setup\(\) is asynchronous/],
  ['a plugin whose environment is no schema', () => appOf([], [plugin('a', {}, { environment: {} as never })]), 'a.environment: must be a yup schema: object({ … })'],
  ['an extension of a list of fields that there are not', () => appOf([], [plugin('a', { extend: { place: { schema: object({}), readOnly: ['x'] } } })]), 'a.extend.place.readOnly: there is no field "x"'],
  ['two owners of a reason', () => appOf([thing({ reasons: defineReasons({ late: ['conflict'] }) })], [plugin('a', { reasons: defineReasons({ late: ['forbidden'] }) })]), 'a.reasons.late: is declared by thing too'],
  ['a reason of core', () => appOf([], [plugin('a', { reasons: defineReasons({ busy: ['conflict'] }) })]), 'a.reasons.busy: is declared by core too'],
  ['changes of a table that is called like a resource', () => appOf([], [plugin('a', { broadcasts: { place: {} } })]), /^a\.broadcasts\.place: is the name of a resource too/],
  ['an operation without an event', () => appOf([], [plugin('a', { operations: [{} as never] })]), 'a: an operation has no event'],
  ['an operation that is not there', () => appOf([], [plugin('a', { operations: [undefined as never] })]), /^a: an operation is undefined/],
  ['an operation without a schema', () => appOf([], [plugin('a', { operations: [{ ...ask('a-b'), input: undefined as never }] })]), 'a.a-b.input: is missing'],
  ['an operation that anybody or nobody may call', () => appOf([], [plugin('a', { operations: [{ ...ask('a-b'), access: undefined as never }] })]), 'a.a-b.access: must be "public", "session" or { key }'],
  ['an operation with an odd option', () => appOf([], [plugin('a', { operations: [{ ...ask('a-b'), handler: 1 } as never] })]), /^a\.a-b: unknown option "handler"; the options are/],
  ['a hook on nothing at all', () => appOf([], [plugin('a', { hooks: [{ before: () => undefined } as never] })]), 'a.hooks: a hook has no "on", the event or pattern that it is on'],
  ['migrations that are not there', () => ({ ...appOf([]), migrations: [{ owner: 'a', directory: new URL('nowhere/', import.meta.url) }] }), /^a\.migrations: there is no folder .*nowhere/],
  ['migrations that are no URL', () => ({ ...appOf([]), migrations: [{ owner: 'a', directory: './migrations' as never }] }), /^a\.migrations: must be a URL/],
  ['no authority', () => ({ ...appOf([]), authority: undefined as never }), /^authority: is missing/],
  ['an authority without its parts', () => ({ ...appOf([]), authority: { actor: 'person', watch: [] } as never }), 'authority.actors: is missing'],
  ['no resources', () => ({ ...appOf([]), resources: undefined as never }), 'app.resources: is missing; it may be empty: []'],
  ['a resource that is not there', () => appOf([undefined as never]), /^app\.resources\[2\]: is undefined/],
  ['a resource that is none', () => appOf(['thing' as never]), /^app\.resources\[2\]: is not a resource/],
  ['a plugin that is not there yet', () => appOf([], [undefined as never]), /^app\.plugins\[0\]: is undefined/],
  ['actors that are no resource', () => ({ ...appOf([]), authority: { ...appOf([]).authority, actor: 'usr' } }), 'authority.actor: unknown resource "usr"'],
  ['a watched resource that is none', () => ({ ...appOf([]), authority: { ...appOf([]).authority, watch: ['usr'] } }), 'authority.watch: unknown resource "usr"'],
]

describe('contract: boot', () => {
  it('has no fault to find in a good app', () => {
    expect(faultsOf(appOf([thing({ relations: { place: one('place', { via: 'placeId', scope: true }), things: many('thing', { inverse: 'above' }), above: one('thing', { via: 'thingId', acyclic: true }) } })]))).to.deep.equal([])
  })

  for (const [title, app, fault] of faulty) {
    it(`refuses ${title}, with its path`, () => {
      const found = faultsOf(app())
      if (typeof fault === 'string') expect(found).to.include(fault)
      else expect(found.filter((each) => fault.test(each)), found.join('\n')).to.not.have.length(0)
    })
  }

  it('names a circle of plugins', () => {
    const [a, b] = [plugin('a', {}, { after: ['b'] }), plugin('b', {}, { after: ['a'] })]
    expect(faultsOf(appOf([], [a, b])).join('\n')).to.include('a → b → a')
  })

  it('reports all faults of all definitions and plugins together', () => {
    const bad = [
      thing({ list: { search: ['x'], sort: ['y'] }, readOnly: ['z'], relations: { a: one('nowhere', { via: 'b' }), parts: many('nobody', { inverse: 'x' }) }, hooks: { nonsense: { before: () => undefined } } }),
      resource({ name: 'place', schema: object({}) }),
    ]
    const plugins = [plugin('one', { hooks: [hook('nothing')], operations: [ask('bad event')] }), plugin('two', { extend: { ghost: { schema: object({}) } } })]
    expect(faultsOf(appOf(bad, plugins))).to.include.members([
      'place: is declared twice', 'thing.list.search: there is no field "x"', 'thing.list.sort: there is no field "y"', 'thing.readOnly: there is no field "z"',
      'thing.relations.a: unknown resource "nowhere"', 'thing.relations.a: there is no field "b"', 'thing.relations.parts: unknown resource "nobody"',
      'thing: a hook is on "thing-nonsense", which matches no event', 'one: a hook is on "nothing", which matches no event', 'one: "bad event" cannot be an event',
      'two.extend.ghost: unknown resource "ghost"',
    ])
  })

  it('tells of a plugin that failed once, and of none that cannot do without it', () => {
    const mailer = definePlugin({ name: 'mailer', setup: (): Contribution => { throw new Error('no address') } })
    const letters = definePlugin({ name: 'letters', requires: { mailer }, setup: ({ use }) => ({ resources: [resource({ name: (use.mailer as { word: string }).word, schema: object({}) })] }) })
    const stamps = definePlugin({ name: 'stamps', requires: { letters }, setup: () => ({ hooks: [hook('letter-create')] }) })
    // What refers to something of theirs is no fault of its own; what is wrong all the same is told.
    const own = thing({ relations: { letter: one('letter', { via: 'placeId' }) }, readOnly: ['z'], keys: { get: 'Get' } })
    expect(faultsOf(appOf([own], [mailer, letters, stamps, plugin('other', { hooks: [hook('letter-delete')] })]))).to.deep.equal([
      'mailer: no address', 'thing.keys.get: "Get" cannot be a permission key; one is 1 to 64 characters of a-z 0-9 _ -',
    ])
  })

  it('asks for each key once, whoever needs it, and for all of them together', async () => {
    const needs = (name: string, ...keys: string[]): AnyPlugin => definePlugin({ name, setup: ({ secret }) => { for (const key of keys) secret(key); return {} } })
    const environment = { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/nowhere' }
    const app = appOf([], [needs('a', 'JWT_SECRET', 'MFA_ENCRYPTION_KEY'), needs('b', 'MFA_ENCRYPTION_KEY', 'AUDIT_KEY')])
    const error: unknown = await startServer(app, { environment, log: recordingLog(), print: () => undefined, interactive: false }).then(() => undefined, (thrown: unknown) => thrown)
    const wanted = 'is required with DATABASE_URL, at least 32 random bytes. To make one: openssl rand -base64 48'
    expect((error as BootError).faults).to.deep.equal(['JWT_SECRET', 'MFA_ENCRYPTION_KEY', 'AUDIT_KEY'].map((name) => `${name}: ${wanted}`))
  })

  it('says them in one message, before any database is opened', async () => {
    const app = appOf([], [plugin('watcher', { hooks: [hook('nothing'), hook('nobody')] })])
    const environment = { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/nowhere', JWT_SECRET: 'Zk3Jv0Qz8sT1xW5yB7nM2pR4uF6hD9gLaCeXiOo' }
    const error: unknown = await startServer(app, { environment, log: recordingLog(), print: () => undefined, interactive: false }).then(() => undefined, (thrown: unknown) => thrown)
    expect(error).to.be.instanceOf(BootError)
    expect((error as BootError).message).to.equal('The app cannot start:\n  - watcher: a hook is on "nothing", which matches no event\n  - watcher: a hook is on "nobody", which matches no event')
  })

  it('reports every wrong variable of the environment by its name', async () => {
    const environment = { PORT: 'eighty', DATABASE_POOL_SIZE: '0', LOG_LEVEL: 'loud' }
    const error: unknown = await startServer(appOf([]), { environment, log: recordingLog(), print: () => undefined, interactive: false }).then(() => undefined, (thrown: unknown) => thrown)
    expect(error).to.be.instanceOf(BootError)
    expect((error as BootError).faults.map((fault) => fault.split(':')[0])).to.have.members(['PORT', 'DATABASE_POOL_SIZE', 'LOG_LEVEL'])
  })
})
