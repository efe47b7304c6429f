// Found: an API token with a key of its own acted within a scope in which its user, who held that key by `root` alone, was denied `root`.
import { expect } from 'chai'
import { onHouse } from '../auth/on-house.ts'

onHouse('an API token of a holder of root who is denied it within a site', (house) => {
  it('does there no more than they do', async () => {
    const site = async (label: string) => (await house.ok('site-create', { label }, house.admin))['id']
    const [here, there] = [await site('Here'), await site('There')]
    const by = await house.enter({ can: ['root'], direct: [{ permissionId: 'root', scopeId: String(here), deny: true }] })
    const keys = ['read-site', 'read-sites', 'manage-sites']
    const { token } = await house.ok('auth-token-create', { name: 'Script', permissions: keys }, by)
    for (const caller of [by, { token: String(token) }]) {
      await house.no('not_found', 'site-update', { id: here, label: 'Changed' }, caller)
      await house.no('not_found', 'site-get', { id: here }, caller)
      expect((await house.ok('site-list-request', {}, caller))['total'], 'of two').to.equal(1)
      await house.ok('site-update', { id: there, label: 'Changed' }, caller)
    }
    // What is granted beside root is no matter of it.
    await house.ok('user-add-permission', { id: by.id, permissionId: 'read-site', scopeId: here }, house.admin)
    for (const caller of [by, { token: String(token) }]) {
      await house.ok('site-get', { id: here }, caller)
      await house.no('forbidden', 'site-update', { id: here, label: 'Changed' }, caller)
    }
  })
})
