// What the suites hold every reply against sees what is wrong with one.
import { expect } from 'chai'
import { app } from '../../app.ts'
import { replyFaults } from '../../testing/reply-faults.ts'
import { compiled } from '../kit/server.ts'

const known = compiled(app)
const faults = (event: string, reply: unknown): string[] => replyFaults(known, event, reply)

const time = '2026-01-31T09:00:00.000Z'
const site = { id: 's', version: 1, createdAt: time, updatedAt: time, createdBy: null, updatedBy: 'u', label: 'Quay' }
const page = { items: [site], page: 1, limit: 20, total: 1 }
const tokens = { accessToken: 'a', refreshToken: 'r', expiresIn: 900 }
const demand = { mfaRequired: true, userId: 'u', mfaType: 'totp', mfaToken: 't' }
const department = { id: 'd', label: 'Stores', siteId: 's', site, parent: null }

describe('contract: replies', () => {
  for (const [event, reply] of [
    ['site-get', site], ['site-get', { id: 's' }], ['site-get', { ...site, requestId: 'r' }], ['site-list-request', { ...page, next: 'n' }],
    ['site-delete', { id: 's' }], ['department-get', department], ['department-parent-get', { parent: null }], ['ping', {}],
    ['role-get', { id: 'r', permissions: ['p', { permissionId: 'q', scopeId: 's' }] }],
    ['role-get', { id: 'r', permissions: [{ id: 'p', permissionKey: 'p', scopeId: null }] }],
    ['user-permissions-request', { ...page, items: [{ id: 'p', scopeId: null, deny: false }] }],
    ['department-ancestors-request', { items: [department] }],
    ['auth-login', { ...tokens, user: { id: 'u', lastLoginAt: time }, passwordWillExpireSoon: false }], ['auth-login', demand],
    ['auth-logout', { success: true }], ['site-get', { error: { code: 'not_found' } }],
  ] as const) {
    it(`of ${event} that are right: ${JSON.stringify(reply).slice(0, 60)}`, () => expect(faults(event, reply)).to.deep.equal([]))
  }

  for (const [event, reply, fault] of [
    ['site-get', { ...site, colour: 'red' }, 'site-get.colour is unknown'],
    ['site-get', { label: 'Quay' }, 'site-get.id is missing'],
    ['site-get', { ...site, createdAt: 'yesterday' }, 'site-get.createdAt is not a time'],
    ['site-get', { ...site, label: null }, 'site-get.label is required'],
    ['user-get', { id: 'u', password: 'secret' }, 'user-get.password is unknown'],
    ['site-list-request', { items: [{ ...site, id: 7 }], page: 1, limit: 20 }, 'site-list-request.total is missing'],
    ['site-list-request', { ...page, items: [{ ...site, id: 7 }] }, 'site-list-request.items[0].id must be a string'],
    ['site-delete', site, 'site-delete.version is unknown'],
    ['department-get', { ...department, site: { ...site, colour: 'red' } }, 'department-get.site.colour is unknown'],
    ['department-get', { ...department, users: [] }, 'department-get.users is unknown'],
    ['role-get', { id: 'r', permissions: [{ permissionId: 'q', deny: true }] }, 'role-get.permissions[0].deny is unknown'],
    ['auth-login', { ...demand, accessToken: 'a' }, 'auth-login.accessToken is unknown'],
    ['auth-login', { ...tokens, user: { id: 'u', salary: 1 }, passwordWillExpireSoon: false }, 'auth-login.user.salary is unknown'],
    ['auth-logout', {}, 'auth-logout.success is missing'],
    ['site-paint', {}, 'site-paint is not an event of the app'],
  ] as const) {
    it(`of ${event} that are not: ${fault}`, () => expect(faults(event, reply)).to.include(fault))
  }
})
