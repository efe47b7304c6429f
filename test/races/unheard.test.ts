// Rows that go without their triggers being asked: TRUNCATE, and writers in the role of a replica. Caches are dropped, sessions looked
// at again, and clients told to read everything anew; on both databases.
import { expect } from 'chai'
import { app } from '../../app.ts'
import { startApp, type RunningApp } from '../kit/server.ts'
import { onAnyDatabase } from '../kit/databases.ts'
import { administrator } from '../kit/ready.ts'
import { openClient, post, type Client, type Fields } from './client.ts'
import { eventually } from '../kit/wait.ts'

onAnyDatabase('rows that go unheard', (kind) => {
  const parts: { running?: RunningApp; token?: string } = {}
  let count = 0

  const url = (): string => parts.running?.server.url ?? ''
  const ok = async (event: string, payload: Fields, token = parts.token): Promise<Fields> => {
    const reply = await post(url(), event, payload, token)
    if (!reply.ok) throw new Error(`${event}: ${reply.code} ${JSON.stringify(reply.details)}`)
    return reply.data
  }
  const sql = (text: string): Promise<unknown> => Promise.resolve(parts.running?.server.database.knex.transaction(async (trx) => {
    await trx.raw(text)
  }))
  const replica = (text: string): Promise<unknown> => sql(`set local session_replication_role = replica; ${text}`)
  const connect = async (token = parts.token): Promise<Client> => openClient(url(), { token })

  const person = async (): Promise<{ readonly id: string; readonly token: string; readonly client: Client }> => {
    count += 1
    const id = `p${count}`
    await ok('user-create', {
      id, firstName: 'A', lastName: 'B', email: `${id}@example.com`, password: 'Quiet-River-52-Lantern', roles: ['r'],
    })
    const token = String((await ok('auth-login', { email: `${id}@example.com`, password: 'Quiet-River-52-Lantern' }, ''))['accessToken'])
    return { id, token, client: await connect(token) }
  }

  before(async function () {
    this.timeout(120_000)
    parts.running = await startApp(app, kind)
    parts.token = String((await ok('auth-login', administrator, ''))['accessToken'])
    await ok('role-create', { id: 'r', label: 'Readers', permissions: ['read-sites', 'read-site'] })
  })
  after(async function () {
    this.timeout(60_000)
    await parts.running?.stop()
  })

  const reset = (client: Client, before = 0): Promise<void> => eventually(async () => client.resyncs > before, 'feed-resync')

  it('TRUNCATE of a table of links: rights are read anew, and clients too', async () => {
    const { token, client } = await person()
    const watcher = await connect()
    await ok('site-list-request', {}, token)
    await sql('create table kept as table user_roles; truncate user_roles')
    await reset(watcher)
    expect(await post(url(), 'site-list-request', {}, token)).to.deep.include({ ok: false, code: 'forbidden' })
    expect(await client.ask('site-list-request', {})).to.deep.include({ ok: false, code: 'forbidden' })
    await sql('insert into user_roles table kept')
    await eventually(async () => (await post(url(), 'site-list-request', {}, token)).ok, 'the right is back')
  })

  it('TRUNCATE of a resource: a row made again goes on from a higher version, and who comes back reads anew', async () => {
    const watcher = await connect()
    const { id } = await ok('group-create', { id: 'again', name: 'One' })
    await ok('group-update', { id, name: 'Two' })
    await eventually(async () => watcher.changes.some(({ version, ...change }) => change.id === id && version === 2), 'the change')
    const { cursor } = watcher
    await sql('truncate groups cascade')
    await reset(watcher)
    const made = await ok('group-create', { id, name: 'Three' })
    expect(made['version']).to.be.greaterThan(2)
    const back = await openClient(url(), { token: parts.token, since: cursor })
    await reset(back)
  })

  it('TRUNCATE of the settings: they have their defaults again', async () => {
    const watcher = await connect()
    const minimum = async (): Promise<unknown> => (await ok('auth-password-policy', {}, ''))['minLength']
    const before = await minimum()
    await ok('config-update', { key: 'account_password_min_length', value: 20 })
    expect(await minimum()).to.equal(20)
    await sql('truncate config')
    await reset(watcher)
    await eventually(async () => (await minimum()) === before, 'the default')
  })

  it('TRUNCATE of the sessions ends every socket', async () => {
    const { token, client } = await person()
    await sql('truncate sessions cascade')
    await client.end()
    expect(client.expired).to.be.a('string')
    expect(await post(url(), 'site-list-request', {}, token)).to.deep.include({ ok: false, code: 'unauthenticated' })
    parts.token = String((await ok('auth-login', administrator, ''))['accessToken'])
  })

  it('a writer in the role of a replica: a delete and an insert are told, a change without a version makes clients read anew', async () => {
    const watcher = await connect()
    const { id } = await ok('site-create', { label: 'Old' })
    await replica(`update sites set label = 'New' where id = '${String(id)}'`)
    await reset(watcher)
    await replica(`delete from sites where id = '${String(id)}'; insert into sites (id, label, version) values ('copied', 'C', 7)`)
    await eventually(
      async () => watcher.changes.some((change) => change.id === 'copied' && change.action === 'create' && change.version === 7),
      'the insert',
    )
    expect(watcher.changes.findLast((change) => change.id === id)).to.include({ action: 'delete' })
  })

  it('a writer in the role of a replica: who is suspended, and whose role is taken, is refused', async () => {
    const [one, two] = [await person(), await person()]
    await ok('site-list-request', {}, two.token)
    await replica(`update users set status = 'suspended' where id = '${one.id}'; delete from user_roles where user_id = '${two.id}'`)
    await one.client.end()
    await eventually(async () => !(await two.client.ask('site-list-request', {})).ok, 'the right is gone')
    expect(await post(url(), 'site-list-request', {}, one.token)).to.deep.include({ ok: false, code: 'unauthenticated' })
  })
})
