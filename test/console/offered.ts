// What the page of a row offers, and what the API lets the same person do with that row: found out by asking it, and undone.
import type { Page } from 'playwright-core'
import type { DescribedResource } from '../../core/define/description.ts'
import { isRow, rows, type Row } from '../kit/replies.ts'
import { otherPassword, unique, type Session, type TestServer } from '../kit/test-server.ts'

export interface Offered {
  /** The fields that are seen, in the form or beside it. */
  readonly shown: readonly string[]
  readonly editable: readonly string[]
  readonly delete: boolean
  /** The relations that have a list, those whose links can be added, and those of which what is there can be taken away. */
  readonly lists: readonly string[]
  readonly adds: readonly string[]
  readonly takes: readonly string[]
  /** Where the person is logged in. */
  readonly access: boolean
  readonly rights: boolean
  readonly history: boolean
}

const nothing = { shown: [], editable: [], delete: false, lists: [], adds: [], takes: [], access: false, rights: false, history: false }

/** What is shown to someone who may not see the row. */
export const nothingOffered: Offered = nothing

export const offeredOn = async (page: Page): Promise<Offered> => {
  const told = (selector: string, attribute: string, before: string): Promise<string[]> =>
    page.locator(selector).evaluateAll((all, [name, start]) =>
      all.map((each) => (each.getAttribute(name) ?? '').slice(start.length)), [attribute, before] as const)
  const is = async (selector: string): Promise<boolean> => (await page.locator(selector).count()) > 0
  const editable = await told('main form.card label[for^="field-"]', 'for', 'field-')
  const lists = (inside: string) => told(`.relations .relation${inside}`, 'aria-labelledby', 'relation-')
  return {
    shown: [...await told('main .facts [data-field]', 'data-field', ''), ...editable].toSorted(),
    editable: editable.toSorted(), delete: await is('.head .button.danger'),
    lists: await lists(''), adds: await lists(':has(.add-link)'), takes: await lists(':has(.links .button)'),
    access: await is('[aria-labelledby=person-access]'), rights: await is('.head a[href$="/rights"]'), history: await is('.history'),
  }
}

/** Rows that values name. */
export interface Ids {
  readonly site: string
  readonly top: string
  readonly below: string
  readonly beside: string
  /** Where the scoped manager may put departments, too. */
  readonly spare: string
  readonly role: string
  readonly inside: string
}

/** What is tried of a field: an update is accepted if one of these is. */
const valuesOf = ({ site, top, below, beside, spare, role, inside }: Ids): Readonly<Record<string, () => readonly unknown[]>> => ({
  email: () => [`${unique('other')}@example.com`], status: () => ['suspended'], picture: () => ['https://example.com/a.png'],
  metadata: () => [{ seen: unique('x') }], locale: () => ['fr'], password: () => [otherPassword], roles: () => [[role], []],
  siteId: () => [site, null], departmentId: () => [top, below, beside, null], parentId: () => [top, spare, beside, null],
  managerId: () => [inside, null], permissions: () => [['read-sites', 'read-users'], []],
})

/** What of oneself cannot be tried without ending the test's own session or rights. */
const untried: readonly string[] = ['status', 'roles']

export const isTried = (isOwn: boolean, name: string): boolean => !isOwn || !untried.includes(name)

const isRefused = (reply: unknown): boolean => isRow(reply) && 'error' in reply

/** What the API allows, asked in their name; what is changed is set back by the administrator. */
export const allowedOn = async (
  server: TestServer, by: Session, resource: DescribedResource, { id, ids }: { readonly id: string; readonly ids: Ids },
): Promise<Offered> => {
  const may = async (event: string | undefined): Promise<boolean> =>
    event !== undefined && (await server.ok('permission-explain', { userId: by.id, event, id }, server.admin))['allowed'] === true
  const answers = async (event: string | undefined, payload: Row = {}): Promise<boolean> =>
    event !== undefined && !isRefused(await server.ask(event, payload, by))
  const row = await server.ask(resource.events['get'] ?? '', { id }, by)
  if (!isRow(row) || 'error' in row) return nothing
  const whole = await server.ok(resource.events['get'] ?? '', { id }, server.admin)
  const values = valuesOf(ids)
  const update = resource.events['update'] ?? ''
  const changes = async (name: string): Promise<boolean> => {
    for (const value of values[name]?.() ?? [unique('Other')]) {
      if (JSON.stringify(value) === JSON.stringify(whole[name])) continue
      if (isRefused(await server.ask(update, { id, [name]: value }, by))) continue
      if (name in whole) await server.ok(update, { id, [name]: whole[name] }, server.admin)
      return true
    }
    return false
  }
  const isOwn = id === by.id
  const fields = resource.fields.filter(({ base, name }) => !base && isTried(isOwn, name))
  const editable: string[] = []
  for (const { name, readOnly, fixed, writeOnly } of fields)
    if (!readOnly && !fixed && (writeOnly || name in row) && (await changes(name))) editable.push(name)
  const related = { lists: [] as string[], adds: [] as string[], takes: [] as string[] }
  for (const { name, kind, field, events, target } of resource.relations) {
    if (kind !== 'many' || field !== undefined || !(await may(events['list']))) continue
    related.lists.push(name)
    if ((await may(events['add'])) && (await answers(`${target}-list-request`))) related.adds.push(name)
    const hasSome = rows((await server.ok(events['list'] ?? '', { id }, by))['items']).length > 0
    if (hasSome && (await may(events['remove']))) related.takes.push(name)
  }
  const isUser = resource.name === 'user'
  return {
    ...related,
    shown: [...new Set([...fields.map(({ name }) => name).filter((name) => name in row), ...editable])].toSorted(),
    editable: editable.toSorted(), delete: await may(resource.events['delete']),
    access: isUser && !isOwn && (await may('auth-access-request')), rights: isUser && (await answers('permission-held', { userId: id })),
    history: await answers('audit-log-request'),
  }
}
