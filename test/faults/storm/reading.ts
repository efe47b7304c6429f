// What the database has at the end of a storm, as the checkers want it.
import type { Fields, History, Row } from './history.ts'
import { concerns, rowOf } from './observer.ts'
import type { Stage } from './stage.ts'

const queries = {
  site: 'select id, version, label from sites',
  department: 'select id, version, label, site_id as "siteId", parent_id as "parentId" from departments',
  user: 'select id, version, last_name as "lastName", site_id as "siteId", department_id as "departmentId" from users',
  group: 'select id, version, name from groups',
} as const

export const readRows = async ({ sql }: Stage): Promise<ReadonlyMap<string, Row>> => {
  const rows = new Map<string, Row>()
  for (const [resource, text] of Object.entries(queries)) {
    for (const found of await sql<Record<string, unknown>>(text)) {
      const row = `${resource}/${String(found['id'])}`
      if (concerns(row)) rows.set(row, rowOf(found))
    }
  }
  const links = await sql<{ group: string; user: string }>('select group_id as "group", user_id as "user" from group_members')
  for (const { group, user } of links)
    rows.set(`member/${group}/${user}`, { version: 0, fields: {} })
  return rows
}

/** What clients are told of, after a position. */
export const readFeed = async ({ sql }: Stage, after: number): Promise<History['feed']> =>
  (await sql<Record<'row' | 'action' | 'version' | 'pos', string> & { requestId: string | null }>(
    `select resource || '/' || id as row, action, version, pos, request_id as "requestId" from feed
     where pos > $1 and resource not like '~%' order by pos`, [after],
  )).map(({ version, pos, ...rest }) => ({ ...rest, version: Number(version), pos: Number(pos) }))

export const readAudit = async ({ sql }: Stage): Promise<string[]> =>
  (await sql<{ id: string }>(`select request_id as id from audit_entries where request_id like 'storm-%'`)).map(({ id }) => id)

export const readEnd = async ({ sql }: Stage): Promise<number> =>
  Number((await sql<Fields>('select pos from feed_state'))[0]?.['pos'])
