// Found: of many roles made at once some were answered `unavailable`. What each of them raises of the stamp of rights undid the others,
// more often than a request follows changes of its rights; and no one's rights had changed.
import { expect } from 'chai'
import { onPostgres } from '../kit/databases.ts'
import { sharedApp } from '../kit/shared-app.ts'
import { app } from '../../app.ts'
import { openPeople } from '../../testing/contract/people.ts'
import { httpDoor } from '../../testing/contract/transport.ts'

onPostgres('roles that are made at once', () => {
  it('are all made', async function () {
    this.timeout(120_000)
    const door = httpDoor((await sharedApp(app, 'postgres')).server.url)
    const { admin } = await openPeople(door)
    const replies = await Promise.all(Array.from({ length: 24 }, (_, index) =>
      door.ask(admin, 'role-create', { label: `Role ${index}`, permissions: ['read-user'] })))
    expect(replies.filter(({ ok }) => !ok)).to.deep.equal([])
  })
})
