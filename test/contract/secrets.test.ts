// The catalogue of errors is what docs/errors.md says; and whatever breaks, wherever, its text reaches no client.
import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import fc from 'fast-check'
import { AppError, catalogue, type Call } from '../../core/define/index.ts'
import type { RunningApp } from '../kit/server.ts'
import { onAnyDatabase } from '../kit/databases.ts'
import { sharedApp } from '../kit/shared-app.ts'
import { openPeople, type People } from '../../testing/contract/people.ts'
import { acts, moments, probedApp, reset } from './probe.ts'
import { httpDoor, socketDoor, type Door } from '../../testing/contract/transport.ts'

describe('contract: docs/errors.md', () => {
  it('lists every code with its status, and nothing else', () => {
    const page = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8')
    const listed = [...page.matchAll(/^\| `(\w+)` \| (\d{3}) \|/gm)].map(([, code, status]) => [code, Number(status)])
    expect(listed).to.deep.equal(Object.entries(catalogue).map(([code, { status }]) => [code, status]))
    const rows = (page.split('## Reasons')[0] ?? '').split('\n').filter((line) => line.startsWith('|')).length
    expect(rows, 'rows of tables').to.equal(listed.length + 2)
  })

  it('is the list of docs/protocol.md §2.1', () => {
    expect(Object.keys(catalogue)).to.deep.equal([
      'invalid_payload', 'unauthenticated', 'forbidden', 'not_found', 'conflict', 'account_locked', 'password_expired', 'rate_limited',
      'payload_too_large', 'unknown_event', 'unavailable', 'internal',
    ])
  })
})

/** Ways in which code breaks, each with the secret in it. */
const breakages: Readonly<Record<string, (secret: string, call: Call) => unknown>> = {
  'an error': (secret) => { throw new Error(secret) },
  'an error with a cause': (secret) => { throw new Error('outer', { cause: new Error(secret) }) },
  'an error of the catalogue with a cause': (secret) => { throw new AppError('internal', { cause: new Error(secret) }) },
  'an error with fields of an answer': (secret) => {
    throw Object.assign(new Error(secret), { code: 'conflict', status: 409, details: { secret }, error: { message: secret } })
  },
  'an error that looks like ours': (secret) => {
    throw Object.assign(new Error(secret), { name: 'AppError', code: 'forbidden', details: secret })
  },
  'an error whose name is the secret': (secret) => { throw Object.assign(new Error('x'), { name: secret, stack: secret }) },
  'several errors at once': (secret) => { throw new AggregateError([new Error(secret)], secret) },
  'a TypeError of the language': (secret) => (JSON.parse(`{"${secret}`) as unknown),
  'a statement that the database refuses': (secret, call) => call.db.raw('select ? :: integer', [secret]),
  'a statement with a fault': (secret, call) => call.db.raw(`select * from "${secret}"`),
  'a row that breaks a rule': (secret, call) => call.db('feed_state').insert({ one: true, epoch: secret }),
  'a division by nothing': (secret, call) => call.db.raw('select length(?) / 0', [secret]),
}

onAnyDatabase('contract: secrets', (kind) => {
  let running: RunningApp | undefined
  let people: People | undefined
  const doors: Door[] = []
  const seed = Number(process.env['FC_SEED'] ?? Date.now() % 1_000_000_000)

  before(async function () {
    this.timeout(120_000)
    running = await sharedApp(probedApp, kind)
    doors.push(socketDoor(running.server.url), httpDoor(running.server.url))
    people = await openPeople(httpDoor(running.server.url))
  })
  after(async () => {
    for (const door of doors) door.close()
  })
  afterEach(reset)

  const secrets = fc.stringMatching(/^[A-Za-z]{16,24}$/).map((text) => `secret${text}`)

  it(`are found in no reply, whatever breaks at whatever moment (FC_SEED=${seed})`, async function () {
    this.timeout(120_000)
    const before = { hits: 0, refused: 0 }
    const room = await doors[1]?.ask(people?.admin, 'room-create', { label: 'A room', number: 'A-1', capacity: 1 })
    const attempts = fc.record({
      secret: secrets, moment: fc.constantFrom(...moments), way: fc.constantFrom(...Object.keys(breakages)),
      event: fc.constantFrom('probe-run', 'probe-ask', 'room-update'), index: fc.nat(1),
    })
    await fc.assert(fc.asyncProperty(attempts,
      async ({ secret, moment, way, event, index }) => {
        reset()
        acts[moment] = (call) => {
          before.hits += 1
          return breakages[way]?.(secret, call)
        }
        const payload = event === 'room-update' ? {
          id: room?.ok === true ? room.data['id'] : '', label: secret.length > 20 ? 'long' : 'short',
        } : {}
        const reply = await doors[index]?.ask(people?.admin, event, payload)
        if (reply?.ok === false) before.refused += 1
        expect(JSON.stringify(reply), `${way} at ${moment} of ${event}`).to.not.include(secret)
      }), { seed, numRuns: 300 })
    // Most moments were really reached, and most breakages really broke something.
    expect(before.hits).to.be.greaterThan(100)
    expect(before.refused).to.be.greaterThan(100)
  })

  it('are in the log instead, under the requestId of the reply', async () => {
    acts.handle = () => {
      throw new Error('the cause of it all')
    }
    const reply = await doors[0]?.ask(people?.admin, 'probe-run', {})
    if (!reply || reply.ok) throw new Error('It succeeded')
    expect(reply.error).to.have.all.keys('code', 'message', 'requestId').and.to.include({
      code: 'internal', message: catalogue.internal.message,
    })
    const line = running?.log.lines.findLast(({ level }) => level === 'error')
    expect(line?.details).to.include({ requestId: reply.error.requestId, event: 'probe-run' })
    expect(line?.details).to.have.nested.property('err.message', 'the cause of it all')
  })
})
