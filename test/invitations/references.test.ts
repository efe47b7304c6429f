// What a pending invitation names is not deleted; one that has ended stands in nobody's way.
import { expect } from 'chai'
import { onAnyDatabase } from '../kit/databases.ts'
import { World } from './world.ts'

const kinds = [['site', 'siteId'], ['department', 'departmentId'], ['role', 'role']] as const

onAnyDatabase('invitations: what they name', (kind) => {
  const world = new World(kind)
  before(() => world.open())
  after(() => world.close())

  for (const [resource, field] of kinds) {
    it(`a ${resource} with pending invitations is not deleted, and tells how many`, async () => {
      const target = await world.make(resource)
      const first = await world.invite({ [field]: target })
      await world.invite({ [field]: target })
      const revoked = await world.invite({ [field]: target })
      await world.ok('invitation-revoke', { id: revoked.id }, world.admin)
      expect((await world.no('conflict', `${resource}-delete`, { id: target }, world.admin)).details).to.deep.equal({
        usedBy: [{ resource: 'invitation', count: 2 }],
      })
      // A refused delete takes nothing away.
      expect(await world.listed(revoked.id)).to.include({ [field]: target, version: 2 })
      await world.ok('invitation-fetch', { token: first.token })
    })

    it(`a ${resource} named by revoked, expired and accepted ones only is deleted`, async () => {
      const target = await world.make(resource)
      const [accepted, revoked, overdue] = [
        await world.invite({ [field]: target }), await world.invite({ [field]: target }), await world.invite({ [field]: target }),
      ]
      const user = await world.accept(accepted.token)
      await world.ok('invitation-revoke', { id: revoked.id }, world.admin)
      await world.makeOverdue(overdue.id)
      expect((await world.no('conflict', `${resource}-delete`, { id: target }, world.admin)).details).to.deep.equal({
        usedBy: [{ resource: 'user', count: 1 }],
      })
      await world.ok('user-delete', { id: user['id'] }, world.admin)
      await world.ok(`${resource}-delete`, { id: target }, world.admin)
      for (const [status, { id }] of [['accepted', accepted], ['revoked', revoked], ['expired', overdue]] as const) {
        expect(await world.listed(id)).to.include({ [field]: null, status })
      }
    })
  }

  it('an author is deleted; what he has sent is revoked', async () => {
    const author = await world.enter({ direct: ['create-invitation'] })
    const [open, done] = [await world.invite({}, author), await world.invite({}, author)]
    await world.accept(done.token)
    await world.ok('user-delete', { id: author.id }, world.admin)
    expect(await world.listed(open.id)).to.include({ status: 'revoked', createdBy: author.id })
    expect(await world.listed(done.id)).to.include({ status: 'accepted' })
  })
})
