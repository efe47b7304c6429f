// A node that keeps what it has read and one that keeps nothing answer alike, whoever writes: this node, another one, or SQL from outside.
import { expect } from 'chai'
import fc from 'fast-check'
import type { Client, Heard } from '../kit/client.ts'
import { onPostgres } from '../kit/databases.ts'
import { row, text, type Row } from '../kit/replies.ts'
import { TestServer, type Session } from '../kit/test-server.ts'

const seed = Number(process.env['FC_SEED'] ?? Date.now() % 1_000_000_000)
const runs = Number(process.env['FC_RUNS'] ?? 60)

/** Where a change is made: at the node that keeps rows, at another one that does too, or past both. */
type Where = 'here' | 'there' | 'sql'

interface Step {
  readonly where: Where
  readonly what: 'rename' | 'move' | 'suspend' | 'grant' | 'role' | 'retitle' | 'department' | 'create' | 'delete' | 'login'
  readonly who: number
  readonly value: number
}

const steps: fc.Arbitrary<Step> = fc.record({
  where: fc.constantFrom<Where>('here', 'there', 'sql'),
  what: fc.constantFrom('rename', 'move', 'suspend', 'grant', 'role', 'retitle', 'department', 'create', 'delete', 'login'),
  who: fc.nat(3),
  value: fc.nat(3),
})

onPostgres('property: what is kept in memory', () => {
  const house = new TestServer('postgres')
  const departments: string[] = []
  const people: Session[] = []
  let role = ''
  let readers: Session[] = []
  let ears: Client[] = []
  let urls: Record<'here' | 'there' | 'plain', string>
  let made = 0

  before(async function () {
    this.timeout(120_000)
    await house.open()
    const [there, plain] = [await house.start(), await house.start({ CACHE_ROWS: '0' })]
    urls = { here: house.url, there: there.url, plain: plain.url }
    for (const index of [0, 1, 2, 3]) {
      departments.push(text((await house.ok('department-create', { label: `Department ${index}` }, house.admin))['id']))
    }
    role = text((await house.ok('role-create', { label: 'Readers', permissions: ['read-departments'] }, house.admin))['id'])
    for (const index of [0, 1, 2, 3]) people.push(await house.enter({ departmentId: departments[index] ?? null }))
    const [scopeId = ''] = departments
    const scoped = await house.enter({ direct: ['read-user', 'read-users'].map((permissionId) => ({ permissionId, scopeId })) })
    const byRole = await house.enter({ roles: [role], direct: ['read-user'] })
    readers = [house.admin, scoped, byRole]
    ears = await Promise.all(Object.values(urls).map((url) => house.socket(house.admin, url)))
  })
  after(() => house.close())

  const write = async ({ where, what, who, value }: Step): Promise<void> => {
    const id = people[who]?.id ?? ''
    const departmentId = departments[value] ?? ''
    const label = `Name ${(made += 1)}`
    const url = where === 'sql' ? urls.here : urls[where]
    const either = async (statement: readonly [string, ...(string | number | null)[]], event: string, payload: Row): Promise<void> => {
      const [written, ...bindings] = statement
      await (where === 'sql' ? house.db.raw(written, bindings) : house.ask(event, payload, house.admin, url))
    }
    const even = value % 2 === 0
    const reader = readers[2]?.id ?? ''
    /** Gives a permission, or takes it. */
    const link = (owner: 'user' | 'role', ownerId: string, permissionId: string): Promise<void> => {
      const [event, statement] = even
        ? [`${owner}-add-permission`, `insert into ${owner}_permissions (${owner}_id, permission_id) values (?, ?) on conflict do nothing`]
        : [`${owner}-remove-permission`, `delete from ${owner}_permissions where ${owner}_id = ? and permission_id = ?`]
      return either([statement, ownerId, permissionId], event, { id: ownerId, permissionId })
    }
    switch (what) {
      case 'rename': return either(['update users set first_name = ? where id = ?', label, id], 'user-update', { id, firstName: label })
      case 'move': return either(['update users set department_id = ? where id = ?', departmentId, id], 'user-update', { id, departmentId })
      case 'suspend': {
        const status = even ? 'suspended' : 'active'
        return either(['update users set status = ? where id = ?', status, id], 'user-update', { id, status })
      }
      case 'grant': return link('user', reader, 'read-users')
      case 'role': return link('role', role, 'read-department')
      case 'retitle': return either(['update roles set label = ? where id = ?', label, role], 'role-update', { id: role, label })
      case 'department': {
        const child = departments[1 + (who % 3)] ?? ''
        const parentId = value === 0 ? departments[0] ?? '' : null
        return either(['update departments set parent_id = ? where id = ?', parentId, child], 'department-update', { id: child, parentId })
      }
      case 'create': return either(
        ["insert into users (id, first_name, last_name, email) values (?, 'Some', 'Body', ?)", `sql-${made}`, `sql-${made}@example.com`],
        'user-create', { id: `own-${made}`, firstName: 'Some', lastName: 'Body', email: `own-${made}@example.com` })
      case 'delete': return either(
        ["delete from users where id in (select id from users where id like 'sql-%' limit 1)"], 'user-delete', { id: `own-${made - 1 - value}` })
      case 'login': {
        const { email = '', password = '' } = people[who] ?? {}
        return void await house.ask('auth-login', { email, password }, undefined, url)
      }
    }
  }

  const questions = (): [string, Row][] => [
    ...[...people.map(({ id }) => id), `own-${made}`, `sql-${made}`]
      .map((id): [string, Row] => ['user-get', { id, include: ['department', 'roles'] }]),
    ...departments.map((id): [string, Row] => ['department-get', { id }]),
    ['user-list-request', { limit: 5, sort: ['-createdAt'], include: ['roles'] }],
    ['user-list-request', { limit: 100, filter: { status: 'active' } }],
    ['department-list-request', { include: ['parent'] }],
  ]

  /** Without what differs between any two requests. */
  const content = (reply: unknown): unknown => {
    const { error } = row(reply)
    return error === undefined ? reply : { ...row(error), requestId: undefined }
  }

  const expectAlike = async (at: 'here' | 'there', when: string): Promise<void> => {
    for (const reader of readers) {
      for (const [event, payload] of questions()) {
        const kept = content(await house.ask(event, payload, reader, urls[at]))
        const plain = content(await house.ask(event, payload, reader, urls.plain))
        expect(kept, `${event} ${JSON.stringify(payload)} ${when}, asked by ${reader.email} ${at}`).to.deep.equal(plain)
      }
    }
  }

  /** Waits until every node has told all that is committed now. */
  const heard = async (): Promise<void> => {
    const mark = `mark-${(made += 1)}`
    await house.sql('insert into sites (id, label) values (?, ?)', [mark, mark])
    const isMark = ({ event, args: [change] }: Heard): boolean => event === 'site-changed' && row(change)['id'] === mark
    await Promise.all(ears.map((ear) => ear.hear(isMark)))
  }

  it(`asked between any writes, it is never older than what was told (FC_SEED=${seed})`, async function () {
    this.timeout(600_000)
    await fc.assert(fc.asyncProperty(fc.array(steps, { minLength: 1, maxLength: 6 }), async (list) => {
      for (const step of list) {
        await write(step)
        // What a node has written itself, and has answered, it knows at once; all else once it was told.
        if (step.where === 'here' && ['rename', 'move', 'suspend'].includes(step.what)) {
          const { id } = people[step.who] ?? { id: '' }
          const [kept, plain] = [urls.here, urls.plain].map((url) => house.ask('user-get', { id }, house.admin, url))
          expect(content(await kept), `user-get at once after ${JSON.stringify(step)}`).to.deep.equal(content(await plain))
        }
      }
      await heard()
      await expectAlike('here', `after ${JSON.stringify(list)}`)
      await expectAlike('there', `after ${JSON.stringify(list)}`)
    }), { seed, numRuns: runs, endOnFailure: true })
  })

  it('the check catches a change that is not told', async () => {
    const { id } = people[0] ?? { id: '' }
    await house.ask('user-get', { id }, house.admin)
    await house.sql('alter table users disable trigger b_record')
    try {
      await house.sql("update users set first_name = 'Untold' where id = ?", [id])
    } finally {
      await house.sql('alter table users enable always trigger b_record')
    }
    const caught = await expectAlike('here', 'untold').then(() => false, () => true)
    expect(caught).to.equal(true)
  })
})
