// The order of a call: the constant, the page that draws it and what really happens agree; and what hooks may and may not do.
import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { describe as describeOperations } from '../../core/describe/chain.ts'
import { lifecycle } from '../../core/call/lifecycle.ts'
import { conflict, type Payload } from '../../core/define/index.ts'
import type { RunningApp } from '../kit/server.ts'
import { onEachDatabase } from '../kit/databases.ts'
import { sharedApp } from '../kit/shared-app.ts'
import { openPeople, type People } from '../../testing/contract/people.ts'
import { acts, around, probedApp, reset, seen } from './probe.ts'
import { httpDoor, refusal, success, type Door, type Person, type Reply } from '../../testing/contract/transport.ts'

describe('contract: docs/lifecycle.md', () => {
  it('lists the moments of a call in their order', () => {
    const page = readFileSync(new URL('../../docs/lifecycle.md', import.meta.url), 'utf8')
    const listed = [...page.matchAll(/^(\d+)\. `([\w-]+)`/gm)].map(([, number, moment]) => `${number ?? ''} ${moment ?? ''}`)
    expect(listed).to.deep.equal(lifecycle.map((moment, index) => `${index + 1} ${moment}`))
  })
})

onEachDatabase('contract: lifecycle', (kind) => {
  let running: RunningApp | undefined
  let people: People | undefined
  let door: Door | undefined

  before(async function () {
    this.timeout(120_000)
    running = await sharedApp(probedApp, kind)
    door = httpDoor(running.server.url)
    people = await openPeople(door)
  })
  beforeEach(reset)

  const started = (): { running: RunningApp; people: People; admin: Person } => {
    if (!running || !people) throw new Error('The app has not started')
    return { running, people, admin: people.admin }
  }
  const ask = async (event: string, payload: Payload, person: Person | undefined = started().admin): Promise<Reply> => {
    if (!door) throw new Error('The app has not started')
    return door.ask(person, event, payload)
  }
  const ok = async (event: string, payload: Payload): Promise<Payload> => success(await ask(event, payload), event)
  const errors = (): string => started().running.log.lines.filter(({ level }) => level === 'error')
    .map(({ details, message }) => `${message} ${'err' in details && details.err instanceof Error ? details.err.message : ''}`).join('\n')
  const newRoom = async (): Promise<string> =>
    String((await ok('room-create', { label: 'A room', number: `A-${Date.now() % 1_000_000}`, capacity: 3 }))['id'])

  it('is what really happens, from admit to reply', async () => {
    const { running: { server }, people: some } = started()
    const id = await newRoom()
    const person = await some.holding({ key: 'read-room' }, { key: 'update-room' })
    const trace: string[] = []
    server.watch((call, step) => void (call.operation.event === 'room-update' && trace.push(step)))
    // Plugins have transactions of their own meanwhile: ours is the one in which this person is named to the triggers.
    let own = ''
    const onQuery = ({ sql, __knexTxId: id = '' }: { sql: string; __knexTxId?: string }): void => {
      const [, word] = /(^begin|commit$)/i.exec(sql) ?? []
      if (word !== undefined) trace.push(`${word.toLowerCase()} ${id}`)
      // The rights of an actor are read.
      if (sql.includes('from rights_stamps') && !trace.includes('admit')) trace.push('admit')
      if (sql.includes(`'sovrane.actor', '${person.id}'`)) own = id
    }
    server.database.knex.on('query', onQuery)
    for (const moment of ['around', 'before', 'after', 'committed'] as const) {
      acts[moment] = (call) => {
        trace.push(moment)
        return moment === 'before' ? { ...call.input } : undefined
      }
    }
    try {
      success(await ask('room-update', { id, label: 'Another room' }, person), 'room-update')
      trace.push('reply')
    } finally {
      server.database.knex.removeListener('query', onQuery)
      server.watch(undefined)
    }
    // The gate has no hook: that it comes first is the next test.
    const steps = trace.filter((step) => !/^(?:begin|commit) /.test(step) || step.endsWith(` ${own}`)).map((step) => step.split(' ')[0])
    expect(['gate', ...steps]).to.deep.equal([...lifecycle])
  })

  it('passes the gate first, then asks who calls, then runs hooks and reads the payload', async () => {
    refusal(await ask('probe-run', { note: 'a\0b' }, { id: '', token: '' }), 'unauthenticated', 'a token that is none')
    const nobody = async (payload: Payload): Promise<Reply> => {
      if (!door) throw new Error('The app has not started')
      return door.ask(undefined, 'probe-run', payload)
    }
    refusal(await nobody({ note: 'a\0b' }), 'invalid_payload', 'nobody, and NUL')
    refusal(await nobody({ nonsense: 1 }), 'unauthenticated', 'nobody, and an unknown field')
    expect(seen).to.deep.equal([])
    refusal(await ask('probe-run', { nonsense: 1 }), 'invalid_payload', 'an unknown field')
    expect(seen).to.deep.equal(['around'])
  })

  it('runs every moment once, and those after the commit last', async () => {
    expect(await ok('probe-run', {})).to.deep.equal({ done: true })
    expect(seen).to.deep.equal(['around', 'prepare', 'before', 'handle', 'after', 'task', 'committed'])
    reset()
    expect(await ok('probe-ask', {})).to.deep.equal({ done: true })
    expect(seen).to.deep.equal(['around', 'before', 'handle', 'after', 'committed'])
  })

  it('names the hook that calls next() twice, in the log only', async () => {
    around.instead = async (next) => {
      await next()
      return next()
    }
    const { message } = refusal(await ask('probe-run', {}), 'internal', 'next twice')
    expect(message).to.not.include('probe')
    expect(errors()).to.match(/"probe" on "probe-run" called next\(\) twice/)
    expect(seen.filter((moment) => moment === 'handle')).to.have.length(1)
  })

  it('lets a hook around answer by itself', async () => {
    around.instead = () => Promise.resolve({ answered: 'by the hook' })
    expect(await ok('probe-run', {})).to.deep.equal({ answered: 'by the hook' })
    expect(seen).to.deep.equal(['around'])
  })

  it('discards the tasks of a call that is rolled back, and its writes', async () => {
    const id = await newRoom()
    reset()
    acts.after = (call) => {
      call.afterCommit(() => void seen.push('task of the hook'))
      throw conflict({ fields: ['label'] })
    }
    const { details } = refusal(await ask('room-update', { id, label: 'Never' }), 'conflict', 'a hook that throws')
    expect(details).to.deep.equal({ fields: ['label'] })
    expect(seen).to.deep.equal(['around', 'before', 'after'])
    expect(await ok('room-get', { id })).to.include({ label: 'A room', version: 1 })
  })

  it('logs a committed hook that fails, and the caller still gets his data', async () => {
    const id = await newRoom()
    reset()
    acts.committed = () => {
      throw new Error('the committed hook broke')
    }
    expect(await ok('room-update', { id, label: 'Kept' })).to.include({ id, label: 'Kept', version: 2 })
    expect(errors()).to.include('the committed hook broke')
    acts.task = () => Promise.reject(new Error('the task broke'))
    expect(await ok('probe-run', {})).to.deep.equal({ done: true })
    expect(errors()).to.include('the task broke')
  })

  it('checks again what a hook has made of the input', async () => {
    const id = await newRoom()
    acts.before = (call) => ({ ...call.input, capacity: -1 })
    const { details } = refusal(await ask('room-update', { id, label: 'x' }), 'invalid_payload', 'a hook that spoils the input')
    expect(details).to.have.nested.property('[0].path', 'capacity')
    acts.before = (call) => ({ ...call.input, capacity: 7 })
    expect(await ok('room-update', { id, label: 'x' })).to.include({ label: 'x', capacity: 7 })
    reset()
    acts.after = (_call, output) => ({ ...output, label: 'what the hook says' })
    expect(await ok('probe-run', {})).to.include({ label: 'what the hook says' })
  })

  it('ends a call that calls itself for ever, and says so in the log only', async () => {
    acts.handle = (call) => call.call('probe-run', {}, { as: 'actor' })
    const { message } = refusal(await ask('probe-run', {}), 'internal', 'recursion')
    expect(message).to.not.include('probe')
    expect(errors()).to.match(/"probe-run" was called from itself 16 times over/)
    expect(seen.filter((moment) => moment === 'handle').length).to.equal(17)
    expect(seen).to.not.include('task').and.not.include('committed')
  })

  it('asks for rights in an inner call as actor, and for none as system; the transaction is one', async () => {
    const { people: some } = started()
    const id = await newRoom()
    const person = await some.holding()
    reset()
    acts.handle = (call) => call.call('room-get', { id }, { as: 'actor' })
    expect(refusal(await ask('probe-run', {}, person), 'forbidden', 'as actor').details).to.deep.equal({ permission: 'read-room' })
    acts.handle = (call) => call.call('room-get', { id }, { as: 'system' })
    expect(success(await ask('probe-run', {}, person), 'as system')).to.include({ id })
    acts.handle = async (call) => {
      await call.call('room-update', { id, label: 'Undone' }, { as: 'system' })
      throw conflict({})
    }
    refusal(await ask('probe-run', {}), 'conflict', 'a handler that fails after an inner call')
    expect(await ok('room-get', { id })).to.include({ label: 'A room' })
    acts.handle = (call) => call.call('room-update', { id, label: 'Never' }, { as: 'system' })
    refusal(await ask('probe-ask', {}), 'internal', 'a query that calls a mutation')
    expect(await ok('room-get', { id })).to.include({ label: 'A room' })
  })

  it('describe() says who touches user-create', () => {
    const { running: { server: { assembly } } } = started()
    const described = describeOperations(assembly.operations, assembly.resources).find(({ event }) => event === 'user-create')
    expect(described).to.include({ event: 'user-create', owner: 'user', kind: 'mutation' })
    expect(described?.chain).to.include.members(['guard: user', 'prepare: auth', 'after: auth'])
    // The row that moves is the user's, whichever end the event belongs to.
    expect(describeOperations(assembly.operations, assembly.resources).find(({ event }) => event === 'department-add-user')?.chain)
      .to.include('guard: user')
    const order = ['around', 'prepare', 'before', 'guard', 'after', 'committed']
    const chained = described?.chain.map((step) => order.indexOf(step.split(':')[0] ?? '')) ?? []
    expect(chained).to.deep.equal(chained.toSorted((a, b) => a - b)).and.not.include(-1)
    expect(describeOperations(assembly.operations, assembly.resources).map(({ event }) => event)).to.deep.equal([
      ...assembly.operations.keys(),
    ])
  })
})
