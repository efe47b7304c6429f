// docs/protocol.md §3.3: each field's rule, on create and on update.

import { expect } from 'chai'
import { onAnyDatabase } from './support/databases.ts'
import { faultPaths, refusal } from '../kit/replies.ts'
import type { Row } from '../kit/replies.ts'
import { unique } from './support/wire.ts'

interface Field {
  readonly right: readonly unknown[]
  readonly wrong: readonly unknown[]
  /** Required on create. */
  readonly required?: true
  /** Never changed after create. */
  readonly fixed?: true
  /** Every value may be taken only once. */
  readonly once?: (value: unknown) => unknown
}

const notText = [5, true, {}, ['x']] as const
const label: Field = { required: true, right: ['L', 'é'.repeat(120)], wrong: ['', 'x'.repeat(121), null, ...notText] }
const longMail = `${'a'.repeat(64)}@${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(57)}.org`

const resources: Readonly<Record<string, Readonly<Record<string, Field>>>> = {
  site: { label },
  department: {
    label, siteId: { right: [null], wrong: ['', '-a', ...notText] }, parentId: { right: [null], wrong: ['', '-a', ...notText] },
    managerId: { right: [null], wrong: ['', '-a', ...notText] },
  },
  role: { label, permissions: { right: [[], ['read-sites']], wrong: [
    'read-sites', [5], [null], [['read-sites']], [{}], [{ scopeId: 'x' }], [{ permissionId: 5 }],
    [{ permissionId: 'read-sites', bogus: 1 }], {}, null,
  ] } },
  group: { name: { ...label }, description: { right: ['', 'é'.repeat(1000)], wrong: ['x'.repeat(1001), ...notText] } },
  permission: {
    permissionKey: {
      required: true, fixed: true, once: () => unique('key_0'),
      right: ['x'], wrong: ['', 'A', 'a b', 'a.b', 'é', 'x'.repeat(65), null, ...notText],
    },
    description: { right: ['', 'é'.repeat(500)], wrong: ['x'.repeat(501), ...notText] },
  },
  user: {
    firstName: { required: true, right: ['A', 'é'.repeat(100)], wrong: ['', 'x'.repeat(101), null, ...notText] },
    lastName: { required: true, right: ['A', 'é'.repeat(100)], wrong: ['', 'x'.repeat(101), null, ...notText] },
    email: {
      required: true, once: () => `${unique('once')}@example.com`, right: ['x'],
      wrong: ['', 'x', 'x@', '@example.com', 'a b@example.com', `x${longMail}`, null, ...notText],
    },
    status: { right: ['active', 'suspended', 'archived'], wrong: ['', 'deleted', 'Active', null, ...notText] },
    picture: {
      right: ['http://example.com/a.png', 'https://example.com/a.png?b=c', null],
      wrong: ['x', 'ftp://example.com/a', 'javascript:alert(1)', 'data:text/html,x', '//example.com/a', ...notText],
    },
    metadata: { right: [{}, { deep: { list: [1, 'two', null, true] } }], wrong: ['x', 5, [], { long: 'x'.repeat(8_200) }] },
    siteId: { right: [null], wrong: ['', '-a', ...notText] },
    departmentId: { right: [null], wrong: ['', '-a', ...notText] },
    locale: { right: ['en', 'fr'], wrong: ['de', 'EN', '', ...notText] },
    password: { right: [], wrong: [...notText, ''] },
    roles: { right: [[]], wrong: ['x', {}, [5], [null], [{}], null] },
    emailVerified: { right: [], wrong: [true, false] },
    mfaEnabled: { right: [], wrong: [true, false] },
    mfaType: { right: [], wrong: ['totp', null] },
    lastLoginAt: { right: [], wrong: ['2020-01-01T00:00:00.000Z', null] },
    passwordChangedAt: { right: [], wrong: ['2020-01-01T00:00:00.000Z', null] },
    passwordHash: { right: [], wrong: ['x'] },
  },
}

const short = (value: unknown): string => {
  const source = JSON.stringify(value)
  return source.length > 60 ? `${source.slice(0, 40)}… (${source.length} characters)` : source
}

onAnyDatabase('The rules of fields', (wire) => {
  for (const [resource, fields] of Object.entries(resources)) {
    const base = (): Row => Object.fromEntries(Object.entries(fields).filter(([, field]) => field.required === true)
      .map(([name, field]) => [name, field.once?.(undefined) ?? field.right[0]]))
    const exists = async (): Promise<Row> => wire.admin.ok(`${resource}-create`, base())

    const required = Object.keys(base())
    it(`${resource}: required on create are ${required.join(', ')}, and all missing ones are named`, async () => {
      const error = refusal(await wire.admin.ask(`${resource}-create`, {}), 'invalid_payload')
      expect(faultPaths(error)).to.have.members(required)
    })

    for (const [name, field] of Object.entries(fields)) {
      for (const value of field.wrong) {
        it(`${resource}.${name}: ${short(value)} is invalid_payload, on create and on update`, async () => {
          const named = (paths: readonly string[]): boolean =>
            paths.some((path) => path === name || path.startsWith(`${name}.`) || path.startsWith(`${name}[`))
          const onCreate = refusal(await wire.admin.ask(`${resource}-create`, { ...base(), [name]: value }), 'invalid_payload')
          expect(named(faultPaths(onCreate)), JSON.stringify(onCreate.details)).to.equal(true)
          const row = await exists()
          const onUpdate = refusal(await wire.admin.ask(`${resource}-update`, { id: row['id'], [name]: value }), 'invalid_payload')
          expect(named(faultPaths(onUpdate)), JSON.stringify(onUpdate.details)).to.equal(true)
          expect(await wire.admin.ok(`${resource}-get`, { id: row['id'] })).to.deep.equal(row)
        })
      }
      for (const fixed of field.right) {
        it(`${resource}.${name}: ${short(field.once === undefined ? fixed : 'a fresh value')} is kept as it is`, async () => {
          const value = field.once?.(fixed) ?? fixed
          const made = await wire.admin.ok(`${resource}-create`, { ...base(), [name]: value })
          expect(made[name]).to.deep.equal(value)
          expect((await wire.admin.ok(`${resource}-get`, { id: made['id'] }))[name]).to.deep.equal(value)
          if (field.fixed === true) return
          const other = field.once?.(fixed) ?? fixed
          const row = await exists()
          expect((await wire.admin.ok(`${resource}-update`, { id: row['id'], [name]: other }))[name]).to.deep.equal(other)
          expect((await wire.admin.ok(`${resource}-get`, { id: row['id'] }))[name]).to.deep.equal(other)
        })
      }
    }

    it(`${resource}: "Updates are partial: only the fields given change"`, async () => {
      const row = await exists()
      const touched = resource === 'permission' ? 'description' : required[0] ?? ''
      const changed = await wire.admin.ok(`${resource}-update`, { id: row['id'], [touched]: 'Changed' })
      const own = [touched, 'version', 'updatedAt', 'updatedBy']
      const rest = (all: Row): Row => Object.fromEntries(Object.entries(all).filter(([key]) => !own.includes(key)))
      expect(changed[touched]).to.equal('Changed')
      expect(rest(changed)).to.deep.equal(rest(row))
    })
  }

  it('several wrong fields are named together', async () => {
    const error =
      refusal(await wire.admin.ask('user-create', { firstName: '', lastName: 5, email: 'x', locale: 'de', bogus: 1 }), 'invalid_payload')
    expect(faultPaths(error)).to.include.members(['firstName', 'lastName', 'email', 'locale', 'bogus'])
  })
})
