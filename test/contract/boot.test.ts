// What is wrong with an app stops it before any database is opened: every fault with its path, all of them together.
import { expect } from 'chai'
import { boolean, date, object, string } from 'yup'
import { BootError } from '../../core/boot/faults.ts'
import { startServer } from '../../core/boot/server.ts'
import { defineResource, definePlugin, id, label, many, one, operation, type AnyPlugin, type AnyResource, type Contribution } from '../../core/define/index.ts'
import { compiled, recordingLog, type AnyApp } from '../support/app-server.ts'

/** Definitions as a JavaScript author could write them: the compiler has not seen their mistakes. */
const resource = (definition: unknown): AnyResource => defineResource(definition as Parameters<typeof defineResource>[0])

const person = resource({ name: 'person', schema: object({ label: label(10).required(), placeId: id().nullable().default(null), roleIds: string() }), relations: { place: one('place', { via: 'placeId' }) } })
const place = resource({ name: 'place', schema: object({ label: label(10).required() }), scope: true })

const plugin = (name: string, contribution: Contribution, more: Partial<AnyPlugin> = {}): AnyPlugin => definePlugin({ name, setup: () => contribution, ...more })

const appOf = (resources: readonly AnyResource[], plugins: readonly AnyPlugin[] = []): AnyApp => ({
  resources: [person, place, ...resources],
  plugins,
  authority: { actor: 'person', watch: [], root: 'root', load: () => Promise.resolve(undefined), register: () => Promise.resolve() },
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
const hook = (on: string) => ({ on, before: () => undefined })

const faulty: readonly [title: string, app: () => AnyApp, fault: string | RegExp][] = [
  ['a relation to nowhere', () => appOf([thing({ relations: { manager: one('usr', { via: 'placeId' }) } })]), 'thing.relations.manager: unknown resource "usr"'],
  // Found: it threw a plain error, and hid all other faults.
  ['many of nothing', () => appOf([thing({ relations: { parts: many('usr', { via: 'placeId' }) } })]), 'thing.relations.parts: unknown resource "usr"'],
  ['links to nothing', () => appOf([thing({ relations: { parts: many('usr', { through: { table: 't' }, item: 'part' }) } })]), 'thing.relations.parts: unknown resource "usr"'],
  ['a relation by no field', () => appOf([thing({ relations: { place: one('place', { via: 'plcId' }) } })]), 'thing.relations.place: there is no field "plcId"'],
  ['many by no field of the target', () => appOf([thing({ relations: { parts: many('place', { via: 'thingId' }) } })]), 'thing.relations.parts: "place" has no field "thingId"'],
  // Found: it booted, and adding a part was then `internal`.
  ['many by a field that is no relation', () => appOf([thing({ relations: { parts: many('person', { via: 'roleIds', item: 'part' }) } })]), /^thing\.relations\.parts: "person" has no (to-one )?relation by "roleIds"$/],
  ['many by nothing', () => appOf([thing({ relations: { parts: many('place', {}) } })]), 'thing.relations.parts: needs either "via" or "through"'],
  ['many by both', () => appOf([thing({ relations: { parts: many('thing', { via: 'thingId', through: { table: 't' } }) } })]), 'thing.relations.parts: needs either "via" or "through"'],
  ['a cap beyond the limit', () => appOf([thing({ relations: { parts: many('place', { through: { table: 't' }, cap: 101 }) } })]), 'thing.relations.parts: a cap is 1 to 100'],
  // Found: the next three booted, and a grant within the scope reached less than its author believed.
  ['a scope that is none', () => appOf([thing({ relations: { owner: one('person', { via: 'placeId', scope: true }) } })]), /^thing\.relations\.owner: .*scope/],
  ['a tree of another resource', () => appOf([thing({ relations: { place: one('place', { via: 'placeId', acyclic: true }) } })]), /^thing\.relations\.place: /],
  ['a scope with an unknown parent', () => appOf([thing({ scope: { parent: 'above' } })]), /^thing\.scope.*: .*"above"/],
  ['a search by no field', () => appOf([thing({ list: { search: ['lable'] } })]), 'thing.list.search: there is no field "lable"'],
  ['a filter by no field', () => appOf([thing({ list: { filter: ['lable'] } })]), 'thing.list.filter: there is no field "lable"'],
  ['a sort by no field', () => appOf([thing({ list: { sort: ['lable'] } })]), 'thing.list.sort: there is no field "lable"'],
  ['an unknown field that is read-only', () => appOf([thing({ readOnly: ['lable'] })]), 'thing.readOnly: there is no field "lable"'],
  ['an unknown field that is fixed', () => appOf([thing({ fixed: ['lable'] })]), 'thing.fixed: there is no field "lable"'],
  ['a field that is a word of the protocol', () => appOf([thing({ schema: object({ include: boolean() }) })]), 'thing.include: is a word of the protocol and cannot be a field'],
  ['a field that every resource has', () => appOf([thing({ schema: object({ version: string() }) })]), 'thing.version: is declared twice'],
  ['a time that JSON has not', () => appOf([thing({ schema: object({ startsAt: date() }) })]), 'thing.startsAt: is a yup date, which JSON has not; use dateTime()'],
  ['a resource that is there already', () => appOf([resource({ name: 'place', schema: object({}) })]), 'place: is declared twice'],
  ['a resource with a name of two words', () => appOf([resource({ name: 'big-thing', schema: object({}) })]), /^big-thing: a resource is named by one lower-case word/],
  ['a hook of a definition that matches nothing', () => appOf([thing({ hooks: { 'ad-part': { before: () => undefined } } })]), 'thing: a hook is on "thing-ad-part", which matches no event'],
  ['a hook of a plugin that matches nothing', () => appOf([], [plugin('watcher', { hooks: [hook('usr-create')] })]), 'watcher: a hook is on "usr-create", which matches no event'],
  ['a pattern that matches nothing', () => appOf([], [plugin('watcher', { hooks: [hook('*-creat')] })]), 'watcher: a hook is on "*-creat", which matches no event'],
  ['an event of two plugins', () => appOf([], [plugin('a', { operations: [ask('say-hello')] }), plugin('b', { operations: [ask('say-hello')] })]), 'b: the event "say-hello" is already a\'s'],
  ['an event that a definition has', () => appOf([], [plugin('a', { operations: [ask('place-get')] })]), 'a: the event "place-get" is already place\'s'],
  ...['place-changed', 'say-response', 'Say-hello', 'say hello', '__proto__', ''].map((event): [string, () => AnyApp, string] =>
    [`the event "${event}"`, () => appOf([], [plugin('a', { operations: [ask(event)] })]), `a: "${event}" cannot be an event`]),
  ['a plugin that is not there', () => appOf([], [plugin('a', {}, { requires: { mailer: plugin('mail', {}) } })]), 'a: requires the plugin "mail" (as mailer), which is not in the app'],
  ['two plugins of a name', () => appOf([], [plugin('a', {}), plugin('a', {})]), 'a: two plugins have this name'],
  ['a plugin that fails to set up', () => appOf([], [definePlugin({ name: 'a', setup: (): Contribution => { throw new Error('no key') } })]), 'a: no key'],
  ['an extension of nothing', () => appOf([], [plugin('a', { extend: { usr: { schema: object({}) } } })]), 'a.extend.usr: unknown resource "usr"'],
  ['an extension that replaces', () => appOf([], [plugin('a', { extend: { place: { schema: object({ label: string() }) } } })]), 'a.extend.place.label: is declared twice'],
  ['an extension that rows cannot have', () => appOf([], [plugin('a', { extend: { place: { schema: object({ code: string().required() }) } } })]), 'a.extend.place.code: must be optional, nullable or have a default: rows are there already'],
  ['two plugins that authenticate', () => {
    const authenticator = { authenticate: () => Promise.reject(new Error('no')), ended: () => Promise.resolve(undefined) }
    return appOf([], [plugin('a', { authenticator }), plugin('b', { authenticator })])
  }, 'authenticator: is given by a and b; one must do'],
  ['actors that are no resource', () => ({ ...appOf([]), authority: { ...appOf([]).authority, actor: 'usr' } }), 'authority.actor: unknown resource "usr"'],
  ['a watched resource that is none', () => ({ ...appOf([]), authority: { ...appOf([]).authority, watch: ['usr'] } }), 'authority.watch: unknown resource "usr"'],
]

describe('contract: boot', () => {
  it('has no fault to find in a good app', () => {
    expect(faultsOf(appOf([thing({ relations: { place: one('place', { via: 'placeId', scope: true }), things: many('thing', { via: 'thingId' }), above: one('thing', { via: 'thingId', acyclic: true }) } })]))).to.deep.equal([])
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
      thing({ list: { search: ['x'], sort: ['y'] }, readOnly: ['z'], relations: { a: one('nowhere', { via: 'b' }), parts: many('nobody', { via: 'x' }) }, hooks: { nonsense: { before: () => undefined } } }),
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
