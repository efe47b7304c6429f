// What is made for each request has a shape that the engine of JavaScript shares between all of them. An accessor in an object literal
// takes it away: reading becomes slow, and the object, with all that its accessor can see, outlives the reply until a full collection of
// garbage.
import { setFlagsFromString } from 'node:v8'
import { runInThisContext } from 'node:vm'
import { expect } from 'chai'
import { definePlugin, type Call } from '../../core/define/index.ts'
import { onAnyDatabase } from '../kit/databases.ts'
import { openServer } from '../kit/test-server.ts'
import { success } from '../kit/replies.ts'

const heard = new Map<string, Call[]>()
const witness = definePlugin({
  name: 'shapes',
  setup: () => ({
    hooks: [{
      on: '*',
      around(call, next) {
        const calls = heard.get(call.operation.event) ?? []
        heard.set(call.operation.event, [...calls, call])
        return next()
      },
    }],
  }),
})

const parts: Readonly<Record<string, (call: Call) => object>> = {
  'the call': (call) => call, notes: ({ notes }) => notes, connection: ({ connection }) => connection, rights: ({ rights }) => rights,
}

setFlagsFromString('--allow-natives-syntax')
// Syntax of its own, that no compiler knows.
const isShared = runInThisContext('(a) => %HasFastProperties(a)') as (a: object) => boolean
const areAlike = runInThisContext('(a, b) => %HaveSameMap(a, b)') as (a: object, b: object) => boolean

/** Requests after which an object is no longer made with room for more. */
const warmUp = 20

onAnyDatabase('What is made for each request', (kind) => {
  const server = openServer(kind, { plugins: [witness] })

  it('would be seen if it had an accessor of its own', () => {
    const made = (): object => ({ get own() { return made } })
    expect(isShared(made())).to.equal(false)
    expect(isShared({ own: 1 })).to.equal(true)
    expect(areAlike({ own: 1 }, { other: 1 })).to.equal(false)
  })

  it('has one shape: of queries, and of mutations', async () => {
    success(await server.ask('site-create', { id: 'shaped', label: 'Shaped' }, server.admin))
    for (let index = 0; index < warmUp; index += 1) {
      success(await server.ask('ping', {}, server.admin))
      success(await server.ask('site-get', { id: 'shaped' }, server.admin))
      success(await server.ask('site-list-request', {}, server.admin))
      success(await server.ask('site-update', { id: 'shaped', label: `Shaped ${index}` }, server.admin))
    }
    for (const event of ['ping', 'site-get', 'site-list-request', 'site-update']) {
      const [one, other] = (heard.get(event) ?? []).slice(-2)
      if (!one || !other || one === other) throw new Error(`${event} was not called twice`)
      for (const [what, of] of Object.entries(parts)) {
        expect(isShared(of(one)), `${what} of ${event} has a shape`).to.equal(true)
        expect(areAlike(of(one), of(other)), `the shape of ${what} of ${event} is one`).to.equal(true)
      }
    }
  })
})
