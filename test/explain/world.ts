// A small organisation in which rights are explained, and the explanation as tests read it.
import { row, rows, text, type Row } from '../kit/replies.ts'
import type { TestServer, Wanted } from '../kit/test-server.ts'

export interface World {
  readonly site: string
  /** Within the site; below it lies `sub`. */
  readonly top: string
  readonly sub: string
  readonly group: string
}

export const made = async (house: TestServer, event: string, payload: Row): Promise<string> =>
  text((await house.ok(event, payload, house.admin))['id'])

export const world = async (house: TestServer): Promise<World> => {
  const site = await made(house, 'site-create', { label: 'Paris' })
  const top = await made(house, 'department-create', { label: 'Top', siteId: site })
  const sub = await made(house, 'department-create', { label: 'Sub', parentId: top })
  return { site, top, sub, group: await made(house, 'group-create', { name: 'Runners' }) }
}

export interface Explained {
  readonly reply: Row
  readonly allowed: unknown
  readonly missing: unknown
  readonly code: unknown
  readonly grants: readonly Row[]
  readonly denies: readonly Row[]
  readonly scopes: readonly Row[]
  readonly rules: readonly Row[]
  readonly depends: readonly Row[]
}

const read = (reply: Row): Explained => ({
  reply, allowed: reply['allowed'], missing: reply['missing'], code: reply['code'], grants: rows(reply['grants']),
  denies: rows(reply['denies']), scopes: rows(reply['scopes']), rules: rows(reply['rules']), depends: rows(reply['depends']),
})

/** Why they may, or may not; told to the administrator unless to another. */
export const explain = async (
  house: TestServer, userId: string, [event, id]: readonly [event: string, id?: string], by: { readonly token: string } = house.admin,
): Promise<Explained> => read(await house.ok('permission-explain', { userId, event, ...(id === undefined ? {} : { id }) }, by))

/** Someone with these rights, by their id. */
export const someone = async (house: TestServer, wanted: Wanted = {}): Promise<string> => (await house.person(wanted)).id

/** The role of someone that `house.person` made. */
export const roleOf = async (house: TestServer, userId: string): Promise<string> => {
  const roles = (await house.ok('user-get', { id: userId }, house.admin))['roles'] as unknown[]
  return text(roles[0])
}

/** What else is asked, by when it is. */
export const when = ({ depends }: Explained, name: string): Row => row(depends.find((each) => each['when'] === name) ?? {})
