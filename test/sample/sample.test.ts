// The sample organisation: on an empty embedded database, once, whole, and nowhere else.
import { expect } from 'chai'
import { pino } from 'pino'
import { app } from '../../app.ts'
import { startServer, type Server } from '../../core/boot/server.ts'
import { definePlugin } from '../../core/define/index.ts'
import { departments, groups, people, sites } from '../../plugins/sample/small.ts'
import { onAnyDatabase } from '../kit/databases.ts'
import { cleanUp, freshEnvironment } from '../kit/place.ts'

const ask = (server: Server, event: string, payload: Readonly<Record<string, unknown>> = {}) =>
  server.run((call) => call.call(event, payload, { as: 'system' }))

const total = async (server: Server, resource: string): Promise<unknown> =>
  (await ask(server, `${resource}-list-request`, { limit: 1 }))['total']

const items = async (server: Server, event: string, payload = {}): Promise<Record<string, unknown>[]> =>
  (await ask(server, event, { limit: 100, ...payload }))['items'] as Record<string, unknown>[]

describe('sample', function () {
  this.timeout(60_000)
  let environment: Record<string, string> = {}
  let printed: string[] = []

  const start = async (changes: Readonly<Record<string, string>>, started: typeof app = app): Promise<Server> => {
    printed = []
    const log = pino({ level: 'silent' })
    return startServer(started, {
      environment: { ...environment, ...changes }, log, print: (line) => void printed.push(line), interactive: false, listen: false,
    })
  }
  const sampled = { SEED: '' }

  onAnyDatabase('by itself', (kind) => {
    beforeEach(async () => {
      environment = await freshEnvironment(kind)
    })
    afterEach(cleanUp)

    if (kind === 'postgres') {
      it('never puts anything into PostgreSQL', async () => {
        const server = await start(sampled)
        expect([await total(server, 'site'), await total(server, 'user')]).to.deep.equal([0, 1])
        await server.stop()
      })
      return
    }

    it('puts a small organisation into an empty database', async () => {
      const server = await start(sampled)
      expect(printed.join('\n'))
        .to.include(`Sample organisation: ${sites.length} sites, ${departments.length} departments, ${people.length} people`)
      const tree = await items(server, 'department-list-request', { include: ['manager', 'parent'] })
      expect(tree.map(({ label }) => label)).to.have.members(departments.map(({ label }) => label))
      expect(tree.filter(({ manager }) => manager === null)).to.deep.equal([])
      expect(tree.filter(({ parent }) => parent === null).map(({ label }) => label)).to.deep.equal(['Aldermoor'])
      const everybody = await items(server, 'user-list-request')
      expect(everybody).to.have.length(people.length + 1)
      expect(everybody.filter(({ passwordChangedAt }) => passwordChangedAt !== null), 'only the administrator can log in').to.have.length(1)
      for (const { id, name } of await items(server, 'group-list-request')) {
        expect(await items(server, 'group-members-request', { id }), String(name)).to.not.have.length(0)
        expect(await items(server, 'group-responsibles-request', { id }), String(name)).to.have.length(1)
      }
      const scoped = (await items(server, 'role-list-request')).filter(({ permissions }) => JSON.stringify(permissions).includes('scopeId'))
      expect(scoped.map(({ label }) => label)).to.have.members(['Site office, Lyon', 'Head of Engineering', 'Head of Operations'])
      await server.stop()
    })

    it('puts it in once: what people made of it stays', async () => {
      const first = await start(sampled)
      const [club] = await items(first, 'group-list-request', { filter: { name: 'Cycling club' } })
      await ask(first, 'group-delete', { id: club?.['id'] })
      await first.stop()
      const second = await start(sampled)
      expect(printed).to.deep.equal([])
      expect(await total(second, 'group')).to.equal(groups.length - 1)
      expect(await total(second, 'user')).to.equal(people.length + 1)
      await second.stop()
    })

    it('puts nothing beside what somebody has made', async () => {
      const first = await start({ SEED: 'none' })
      await ask(first, 'site-create', { label: 'Ours' })
      await first.stop()
      const second = await start(sampled)
      expect([await total(second, 'site'), await total(second, 'user')]).to.deep.equal([1, 1])
      await second.stop()
    })

    it('puts nothing in with SEED=none', async () => {
      const server = await start({ SEED: 'none' })
      expect([await total(server, 'site'), await total(server, 'department'), await total(server, 'user')]).to.deep.equal([0, 0, 1])
      await server.stop()
    })

    it('leaves out all of it when the app has rules that it does not keep, and starts', async () => {
      const strict = definePlugin({
        name: 'strict',
        setup: () => ({ hooks: [{ on: 'group-create', before: () => { throw new Error('no more groups') } }] }),
      })
      const server = await start(sampled, { ...app, plugins: [...app.plugins, strict] } as unknown as typeof app)
      expect(printed.filter((line) => line.startsWith('Sample'))).to.deep.equal([])
      expect([await total(server, 'site'), await total(server, 'user')]).to.deep.equal([0, 1])
      await server.stop()
    })

    it('refuses another value, naming the variable', async () => {
      const error: unknown = await start({ SEED: 'lots' }).catch((thrown: unknown) => thrown)
      expect(error).to.be.an('error').with.property('message').that.includes('SEED: must be one of: sample, none')
    })
  })
})
