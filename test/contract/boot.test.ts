// What is wrong with an app stops it before any database is opened: every fault with its path, all of them together.
import { expect } from 'chai'
import { object } from 'yup'
import { BootError } from '../../core/model/faults.ts'
import { startServer } from '../../core/boot/server.ts'
import { definePlugin, many, one, type AnyPlugin, type Contribution } from '../../core/define/index.ts'
import { compiled, recordingLog, type AnyApp } from '../kit/server.ts'
import { above, appOf, ask, faulty, hook, parts, plugin, resource, thing } from './faulty.ts'

const faultsOf = (app: AnyApp): readonly string[] => {
  try {
    compiled(app)
  } catch (error) {
    if (error instanceof BootError) return error.faults
    throw error
  }
  return []
}

const refusalOf = (app: AnyApp, environment: Readonly<Record<string, string>>): Promise<unknown> =>
  startServer(app, { environment, log: recordingLog(), print: () => undefined, interactive: false }).then(() => undefined,
    (thrown: unknown) => thrown)

describe('contract: boot', () => {
  it('has no fault to find in a good app', () => {
    const relations = { place: one('place', { via: 'placeId', scope: true }), above: { ...above, acyclic: true }, things: parts() }
    expect(faultsOf(appOf([thing({ relations })]))).to.deep.equal([])
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
      thing({
        list: { search: ['x'], sort: ['y'] }, readOnly: ['z'], hooks: { nonsense: { before: () => undefined } },
        relations: { a: one('nowhere', { via: 'b' }), parts: many('nobody', { inverse: 'x' }) },
      }),
      resource({ name: 'place', schema: object({}) }),
    ]
    const plugins = [
      plugin('one', { hooks: [hook('nothing')], operations: [ask('bad event')] }),
      plugin('two', { extend: { ghost: { schema: object({}) } } }),
    ]
    expect(faultsOf(appOf(bad, plugins))).to.include.members([
      'place: is declared twice', 'thing.list.search: there is no field "x"', 'thing.list.sort: there is no field "y"', 'thing.readOnly: there is no field "z"',
      'thing.relations.a: unknown resource "nowhere"', 'thing.relations.a: there is no field "b"', 'thing.relations.parts: unknown resource "nobody"',
      'thing: a hook is on "thing-nonsense", which matches no event', 'one: a hook is on "nothing", which matches no event', 'one: "bad event" cannot be an event',
      'two.extend.ghost: unknown resource "ghost"',
    ])
  })

  it('tells of a plugin that failed once, and of none that cannot do without it', () => {
    const mailer = definePlugin({ name: 'mailer', setup: (): Contribution => { throw new Error('no address') } })
    const letters = definePlugin({
      name: 'letters', requires: { mailer },
      setup: ({ use }) => ({ resources: [resource({ name: (use.mailer as { word: string }).word, schema: object({}) })] }),
    })
    const stamps = definePlugin({ name: 'stamps', requires: { letters }, setup: () => ({ hooks: [hook('letter-create')] }) })
    // What refers to something of theirs is no fault of its own; what is wrong all the same is told.
    const own = thing({ relations: { letter: one('letter', { via: 'placeId' }) }, readOnly: ['z'], keys: { get: 'Get' } })
    expect(faultsOf(appOf([own], [mailer, letters, stamps, plugin('other', { hooks: [hook('letter-delete')] })]))).to.deep.equal([
      'mailer: no address', 'thing.keys.get: "Get" cannot be a permission key; one is 1 to 64 characters of a-z 0-9 _ -',
    ])
  })

  it('asks for each key once, whoever needs it, and for all of them together', async () => {
    const needs = (name: string, ...keys: string[]): AnyPlugin => definePlugin({
      name,
      setup: ({ secret }) => {
        for (const key of keys) secret(key)
        return {}
      },
    })
    const environment = { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/nowhere' }
    const app = appOf([], [needs('a', 'JWT_SECRET', 'MFA_ENCRYPTION_KEY'), needs('b', 'MFA_ENCRYPTION_KEY', 'AUDIT_KEY')])
    const error: unknown = await refusalOf(app, environment)
    const wanted = 'is required with DATABASE_URL, at least 32 random bytes. To make one: openssl rand -base64 48'
    expect((error as BootError).faults).to.deep.equal(['JWT_SECRET', 'MFA_ENCRYPTION_KEY', 'AUDIT_KEY'].map((name) => `${name}: ${wanted}`))
  })

  it('says them in one message, before any database is opened', async () => {
    const app = appOf([], [plugin('watcher', { hooks: [hook('nothing'), hook('nobody')] })])
    const environment = { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/nowhere', JWT_SECRET: 'Zk3Jv0Qz8sT1xW5yB7nM2pR4uF6hD9gLaCeXiOo' }
    const error: unknown = await refusalOf(app, environment)
    expect(error).to.be.instanceOf(BootError)
    expect((error as BootError).message).to.equal('The app cannot start:\n  - watcher: a hook is on "nothing", which matches no event\n  - watcher: a hook is on "nobody", which matches no event')
  })

  it('reports every wrong variable of the environment by its name', async () => {
    const environment = { PORT: 'eighty', DATABASE_POOL_SIZE: '0', LOG_LEVEL: 'loud' }
    const error: unknown = await refusalOf(appOf([]), environment)
    expect(error).to.be.instanceOf(BootError)
    expect((error as BootError).faults.map((fault) => fault.split(':')[0])).to.have.members(['PORT', 'DATABASE_POOL_SIZE', 'LOG_LEVEL'])
  })
})
