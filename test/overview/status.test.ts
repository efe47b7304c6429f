// system-status-request: how the node that answers, the others, the feed and the database are, for those who hold the key.
import { expect } from 'chai'
import { onEachHouse } from '../auth/on-house.ts'
import { row, rows, text } from '../kit/replies.ts'
import { until } from '../kit/test-server.ts'

const event = 'system-status-request'

onEachHouse('system-status-request', (house, kind) => {
  it('says what runs since when, where the feed is, and how the database is', async () => {
    await house.ok('site-create', { label: 'Harbour' }, house.admin)
    const position = async () => Number(row((await house.ok(event, {}, house.admin))['feed'])['position'])
    await until('the feed is read', async () => (await position()) >= house.server.feed.pos)
    const { version, node, feed, database } = await house.ok(event, {}, house.admin)
    expect(version).to.match(/^\d+\.\d+\.\d+/)
    expect(Date.parse(text(row(node)['startedAt']))).to.be.greaterThan(0).and.at.most(Date.now())
    expect(row(node)['runtime']).to.equal(`Node.js ${process.version}`)
    expect(row(node)['memory']).to.be.greaterThan(1_000_000)
    expect(row(feed)).to.include({ ready: true, behind: 0 })
    expect(row(database)).to.include({ kind, waiting: 0 })
    expect(row(database)['version']).to.match(/^\d+/)
    expect(row(database)['size']).to.be.greaterThan(1_000_000)
  })

  it('names each server that is connected to the database', async () => {
    const nodes = async () => rows((await house.ok(event, {}, house.admin))['nodes'])
    if (kind === 'embedded') return expect(await nodes()).to.deep.equal([])
    expect(await nodes()).to.have.length(1)
    const other = await house.start()
    await until('both are told', async () => (await nodes()).length === 2)
    await other.stop()
    house.servers.pop()
    await until('one is left', async () => (await nodes()).length === 1)
  })

  it('is for those alone who hold the key', async () => {
    const by = await house.enter({ can: ['read-jobs'] })
    expect((await house.no('forbidden', event, {}, by)).details).to.deep.equal({ permission: 'read-system' })
    await house.ok(event, {}, await house.enter({ can: ['read-system'] }))
  })
})
