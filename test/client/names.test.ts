// The client's names: one rule leads from each to its event, and every event of the app has one.
import { expect } from 'chai'
import { app } from '../../app.ts'
import { clientCodes, refusalIn, serverCodes, SovraneError } from '../../client/errors.ts'
import { eventOf, isReading } from '../../client/names.ts'
import { catalogue } from '../../core/define/errors.ts'
import { compiled } from '../kit/server.ts'
import { clientOf, closeClients } from './people.ts'

const camel = (words: string): string => words.replaceAll(/-([a-z0-9])/g, (_all, letter: string) => letter.toUpperCase())

/** The names that documents give an event. */
const pathOf = (event: string, owners: readonly string[]): string[] => {
  const owner = owners.find((each) => event.startsWith(`${each}-`)) ?? event.split('-')[0] ?? ''
  const rest = event.slice(owner.length + 1)
  if (rest === '') return [owner]
  if (rest === 'list-request') return [camel(owner), 'list']
  if (rest.endsWith('-request')) return [camel(owner), camel(rest.slice(0, -'-request'.length)), 'list']
  return [camel(owner), camel(rest)]
}

describe('client: names', () => {
  const { operations, resources } = compiled(app)
  const owners = [...resources.keys(), 'audit-config'].toSorted((a, b) => b.length - a.length)

  it('lead to every event of the app', () => {
    expect(operations.size).to.be.greaterThan(80)
    for (const event of operations.keys()) expect(eventOf(pathOf(event, owners)), pathOf(event, owners).join('.')).to.equal(event)
  })

  const table: Readonly<Record<string, string>> = {
    'ping': 'ping',
    'department.get': 'department-get',
    'department.list': 'department-list-request',
    'department.manager.set': 'department-manager-set',
    'department.children.list': 'department-children-request',
    'group.addUser': 'group-add-user',
    'auth.changePassword': 'auth-change-password',
    'auth.mfa.setup': 'auth-mfa-setup',
    'auth.sessions.list': 'auth-sessions-request',
    'auditConfig.get': 'audit-config-get',
    'audit.log.list': 'audit-log-request',
  }
  for (const [path, event] of Object.entries(table)) it(`${path} is ${event}`, () => expect(eventOf(path.split('.'))).to.equal(event))

  it('tell what only asks: every event that is so called is a query', () => {
    const asking = [...operations.values()].filter(({ event }) => isReading(event))
    expect(asking.length).to.be.greaterThan(20)
    expect(asking.filter(({ kind }) => kind !== 'query').map(({ event }) => event)).to.deep.equal([])
  })
})

describe('client: its names', () => {
  it('are always the same objects, are no promises, and send nothing when they are printed', async () => {
    const client = clientOf('http://127.0.0.1:9')
    try {
      expect(client.site).to.equal(client.site)
      expect(client.site.list).to.equal(client.site.list)
      const all: readonly object[] = [client, client.site, client.site.list]
      expect(await Promise.all(all.map((each) => Promise.resolve(each)))).to.deep.equal(all)
      expect(`${String(client.site.list)} ${JSON.stringify(all)}`).to.not.include('Promise')
      expect(client.state.current).to.deep.equal({ status: 'signed-out', attempt: 0 })
    } finally {
      closeClients()
    }
  })
})

describe('client: errors', () => {
  it('has the codes of the server, and its own beside them', () => {
    expect([...serverCodes].toSorted()).to.deep.equal(Object.keys(catalogue).toSorted())
    expect(clientCodes.filter((code) => code in catalogue)).to.deep.equal([])
  })

  it('tells what is wrong with which field', () => {
    const details = ['label is too long', 'label is not one line', 'a.b is not known'].map((fault) => {
      const [path, ...message] = fault.split(' ')
      return { path, message: message.join(' ') }
    })
    const wrong = refusalIn({ error: { code: 'invalid_payload', message: 'No', details, requestId: 'r' } }, 'site-create')
    expect(wrong).to.be.instanceOf(SovraneError)
    expect(wrong).to.include({ code: 'invalid_payload', event: 'site-create', requestId: 'r' })
    expect(wrong?.fields).to.deep.equal({ 'label': 'is too long', 'a.b': 'is not known' })
    const conflict = (what: object) => refusalIn({ error: { code: 'conflict', message: 'No', details: what } }, 'x')
    expect(conflict({ fields: ['email'] })?.fields).to.deep.equal({ email: 'is taken' })
    expect(conflict({ reason: 'busy' })).to.deep.include({ reason: 'busy', fields: {} })
  })

  it('takes a code that it does not know for internal, and what is no object for another server', () => {
    expect(refusalIn({ error: { code: 'teapot', message: 'No' } }, 'x')?.code).to.equal('internal')
    expect(refusalIn('<html>', 'x')?.code).to.equal('protocol')
    expect(refusalIn({ id: '1' }, 'x')).to.equal(undefined)
  })
})
