// Export, then import elsewhere, then export: the same file, whatever the values are.
import { expect } from 'chai'
import fc from 'fast-check'
import { onAnyDatabase } from '../kit/databases.ts'
import { isGate } from '../kit/extent.ts'
import type { Row } from '../kit/replies.ts'
import { allRows, exporting, filePlace, importing, openApp } from './files.ts'

/** Texts that files, spreadsheets and references stumble over; what the fields refuse is left out below. */
const awkward = [
  '=1+1', '+x', '-1', '@a', "'", "'=1", '"', '""', ',', ';', '/', '\\', '\\/', 'a/b', 'a;b', 'id:x', '[x]', '007', '1e5', 'true', 'null',
  'é', 'e\u0301', '日本', '👩‍👩‍👧', 'a  b', '#', ' ',
]

const line = fc.array(fc.oneof(fc.constantFrom(...awkward), fc.string({ unit: 'grapheme', maxLength: 6 })), { minLength: 1, maxLength: 4 })
  .map((parts) => parts.join('').trim()).filter((text) => text !== '')
const piece = fc.oneof(fc.constantFrom('\n', '\t', '', ...awkward), fc.string({ unit: 'grapheme', maxLength: 9 }))
const long = fc.array(piece, { maxLength: 6 }).map((parts) => parts.join(''))

/** The rows of an organisation; those that the server refuses are not there. */
const organisation = fc.record({
  sites: fc.array(line, { minLength: 1, maxLength: 3 }),
  departments: fc.array(fc.record({
    label: line, parent: fc.option(fc.nat(5)), site: fc.option(fc.nat(2)),
  }), { minLength: 1, maxLength: 6 }),
  groups: fc.array(fc.record({
    name: line, description: fc.option(long), members: fc.array(fc.nat(4), { maxLength: 3 }),
  }), { maxLength: 3 }),
  roles: fc.array(fc.record({ label: line, scoped: fc.boolean() }), { minLength: 1, maxLength: 3 }),
  users: fc.array(fc.record({
    firstName: line, lastName: line, department: fc.option(fc.nat(5)), site: fc.option(fc.nat(2)),
    roles: fc.array(fc.nat(2), { maxLength: 2 }),
    metadata: fc.option(fc.dictionary(fc.constantFrom('a', 'b', '"'), fc.oneof(long, fc.integer(), fc.constant(null)))),
    status: fc.constantFrom('active', 'suspended'), deny: fc.boolean(),
  }), { minLength: 1, maxLength: 5 }),
})
type Organisation = typeof organisation extends fc.Arbitrary<infer T> ? T : never

const order = ['site', 'department', 'role', 'user', 'group'] as const

onAnyDatabase('transfer: export, then import', (kind) => {
  const place = filePlace()
  const server = openApp(kind)
  after(() => place.remove())

  const ask = (event: string, payload: Row): Promise<Row> => server().act(event, payload, {})
  /** Undefined where the server takes no such row. */
  const make = async (event: string, payload: Row): Promise<string | undefined> =>
    ask(event, payload).then(({ id }) => String(id), () => undefined)
  const empty = async (): Promise<void> => {
    for (const { id } of await allRows(server(), 'group')) await ask('group-delete', { id })
    for (const { id } of await allRows(server(), 'department')) await ask('department-update', { id, managerId: null })
    const users = await allRows(server(), 'user')
    const isKept = (row: Row): boolean => row['createdBy'] === null && String(row['email']).startsWith('admin@')
    const kept = users.filter(isKept).flatMap(({ roles }) => roles as string[])
    for (const row of users) if (!isKept(row)) await ask('user-delete', { id: row['id'] })
    for (const { id } of await allRows(server(), 'role')) if (!kept.includes(String(id))) await ask('role-delete', { id })
    const departments = await allRows(server(), 'department')
    for (const { id } of departments) await ask('department-update', { id, parentId: null })
    for (const { id } of departments) await ask('department-delete', { id })
    for (const { id } of await allRows(server(), 'site')) await ask('site-delete', { id })
  }
  const at = (ids: readonly (string | undefined)[], index: number | null): string | null =>
    (index === null || ids.length === 0 ? null : ids[index % ids.length] ?? null)
  let people = 0
  const build = async ({ sites, departments, groups, roles, users }: Organisation): Promise<void> => {
    const siteIds: (string | undefined)[] = []
    for (const label of sites) siteIds.push(await make('site-create', { label }))
    const departmentIds: (string | undefined)[] = []
    for (const { label, parent, site } of departments)
      departmentIds.push(await make('department-create', { label, parentId: at(departmentIds, parent), siteId: at(siteIds, site) }))
    const { items } = await ask('permission-list-request', { limit: 2 })
    const keys = (items as Row[]).map(({ id }) => String(id))
    const roleIds: (string | undefined)[] = []
    for (const { label, scoped } of roles) {
      const scopeId = scoped ? at(siteIds, 0) : null
      const second = scopeId === null ? keys[1] : { permissionId: keys[1], scopeId }
      roleIds.push(await make('role-create', { label, permissions: [keys[0], second] }))
    }
    const userIds: (string | undefined)[] = []
    for (const { department, site, roles: held, deny, ...user } of users) {
      const id = await make('user-create', {
        ...user, email: `person${(people += 1)}@example.com`, departmentId: at(departmentIds, department), siteId: at(siteIds, site),
        roles: [...new Set(held.flatMap((index) => at(roleIds, index) ?? []))],
      })
      userIds.push(id)
      if (deny && id !== undefined) await ask('user-add-permission', { id, permissionId: keys[0], deny: true })
    }
    for (const { members, ...group } of groups) {
      const id = await make('group-create', group)
      if (id === undefined) continue
      for (const userId of members.flatMap((index) => at(userIds, index) ?? [])) await ask('group-add-user', { id, userId })
    }
  }
  /** An export of nothing may be an empty file, which no import takes. */
  const filled = (files: readonly string[]) => [...order.entries()].filter(([index]) => files[index] !== '')
  const exported = async (format: string): Promise<string[]> => {
    const files: string[] = []
    for (const resource of order) files.push(await exporting(server(), place, '--resource', resource, '--format', format))
    return files
  }

  for (const format of ['csv', 'jsonl', 'ldif', 'scim']) {
    it(`is the identity: ${format}`, async function () {
      this.timeout(300_000)
      await fc.assert(fc.asyncProperty(organisation, async (wanted) => {
        await empty()
        await build(wanted)
        const files = await exported(format)
        // Once more into what is there: nothing changes.
        for (const [index, resource] of filled(files)) {
          const again = await importing(server(), '--resource', resource, '--format', format, place.write(files[index] ?? ''))
          expect(again, again.warned.join('\n')).to.deep.include({ created: 0, updated: 0, refused: 0, end: 'done' })
        }
        expect(await exported(format)).to.deep.equal(files)
        await empty()
        for (const [index, resource] of filled(files)) {
          const done = await importing(server(), '--resource', resource, '--format', format, place.write(files[index] ?? ''))
          expect(done, done.warned.join('\n')).to.deep.include({ updated: 0, refused: 0, end: 'done' })
        }
        // The order may be another: parents come first.
        const sorted = (texts: readonly string[]): string[] =>
          texts.map((text) => text.split(/\r?\n/).map((each) => each.replace(/,$/, '')).toSorted().join('\n'))
        expect(sorted(await exported(format))).to.deep.equal(sorted(files))
      }), { numRuns: isGate ? 2 : kind === 'postgres' ? 6 : 3 })
    })
  }
})
