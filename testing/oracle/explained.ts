// permission-explain and the keys of auth-me: what they say is what calls do, and names nothing that the asker may not read.

import { Actor } from './actor.ts'
import type { Reply } from './doors.ts'
import { builtIn, keys, resources } from './keys.ts'
import type { Resource } from './keys.ts'
import { text } from './move.ts'
import type { Payload } from './move.ts'
import type { Organisation } from './organisation.ts'
import type { Asked } from './queries.ts'
import { isValues, stable } from './shape.ts'
import type { Values } from './shape.ts'
import { forbidden, heldNowhere, notFound, Verdict } from './verdict.ts'

const listOf = (value: unknown): Values[] => (Array.isArray(value) ? value.filter(isValues) : [])
const textsOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])

/** The events that are about a row, and whose it is. */
export const aboutRow = (event: string): Resource | undefined => {
  if (event === 'auth-mfa-reset') return 'user'
  const isOther = /-(?:create|list-request)$/.test(event)
  return isOther ? undefined : resources.find((name) => event.startsWith(`${name}-`))
}

/** What of an explanation the reply to the very call shows to be wrong. */
export function contradiction(explained: Values, event: string, { error }: Reply): string | undefined {
  const { allowed, missing, code } = explained
  const rules = listOf(explained['rules'])
  const depends = listOf(explained['depends'])
  const told = `explained as ${stable({ allowed, missing, code, rules, depends })}`
  if (allowed !== true) {
    if (error === undefined) return `succeeded, and is ${told}`
    // Of an event that names another row, what it names may be refused before the rules of the resource are asked.
    const isLater = rules.some(({ rule, effect }) => effect === 'deny' && ['over', 'covers', 'guard'].includes(String(rule)))
    if (isLater && /-(?:add-[a-z]+|remove-[a-z]+|set)$/.test(event)) return undefined
    const isSame = error.code === code && (code !== 'forbidden' || error.permission === missing)
    return isSame ? undefined : `refused with ${error.text}, and is ${told}`
  }
  if (error === undefined || error.code === 'conflict') return undefined
  const isForetold = depends.some(({ when, keys: asked }) => {
    if (when === 'guard' || when === 'operation') return true
    if (error.code === 'forbidden') return textsOf(asked).includes(error.permission)
    return when === 'link' && (error.code === 'not_found' || error.code === 'invalid_payload')
  })
  return isForetold ? undefined : `refused with ${error.text}, and is ${told}`
}

/** Everything in an explanation that names a row. */
const namesIn = (value: unknown): Values[] => {
  if (Array.isArray(value)) return value.flatMap(namesIn)
  if (!isValues(value)) return []
  const own = typeof value['resource'] === 'string' && typeof value['id'] === 'string' ? [value] : []
  return [...own, ...Object.values(value).flatMap(namesIn)]
}

const leaks = (asker: Actor, reply: Values): string[] => [
  ...namesIn(reply).filter(({ resource, id }) => asker.names(resource as Resource, String(id)) === 'no')
    .map((named) => `names ${stable(named)}, which the asker may not read`),
  ...listOf(reply['scopes']).flatMap(({ path }) => textsOf(path)).filter((id) => asker.namesScope(String(id)) === 'no')
    .map((id) => `leads past ${String(id)}, which the asker may not read`),
]

/** `permission-explain`: who may ask, and for the plain actions what must be said. */
export const explains = (asker: Actor, payload: Payload): Asked => {
  const { org } = asker
  const [userId, event] = [text(payload['userId']), text(payload['event'])]
  const verdict = new Verdict()
  verdict.unless(asker.covers({ key: 'read-permissions', scope: null }), forbidden('read-permissions', heldNowhere))
  const isOwn = userId === asker.user.id
  if (!isOwn) verdict.unless(asker.held('read-user'), forbidden('read-user', heldNowhere))
  verdict.unless(asker.names('user', userId), notFound('the user cannot be read'))
  const about = aboutRow(event)
  const id = payload['id'] === undefined ? undefined : text(payload['id'])
  if (about && id !== undefined) verdict.unless(asker.names(about, id), notFound('the row cannot be read'))
  return {
    verdict,
    differs: (reply) => {
      const problems = leaks(asker, reply)
      const user = org.row('user', userId)
      if (user === undefined) return ['there is no such user']
      const them = new Actor(org, user, undefined)
      const row = about && org.row(about, id ?? null)
      const isGet = about !== undefined && event === `${about}-get`
      const may = user.status !== 'active' ? 'no'
        : event.endsWith('-list-request') ? them.held(event.replace(/^(.+)-list-request$/, 'read-$1s'))
          : isGet && row ? them.gets(about, row) : 'open'
      if (may !== 'open' && reply['allowed'] !== (may === 'yes'))
        problems.push(`says allowed: ${String(reply['allowed'])}, and it must be ${may}: ${stable(reply)}`)
      if (user.status !== 'active' && !listOf(reply['rules']).some(({ rule, reason }) => rule === 'status' && reason === user.status))
        problems.push(`does not say that the account is ${user.status}`)
      return problems
    },
  }
}

const reach = (org: Organisation, list: readonly Values[], resource: Resource, row: { readonly id: string }): boolean =>
  list.some(({ scopes, except, rows }) => {
    const within = (scope: unknown): boolean => org.inScope(resource, row, String(scope))
    if (listOf(rows).some((each) => each['resource'] === resource && each['id'] === row.id)) return true
    return (scopes === null || textsOf(scopes).some(within)) && !textsOf(except).some(within)
  })

/** Where the keys of `auth-me` reach other rows than they must. */
export function wrongKeys(actor: Actor, shown: unknown): string[] {
  const list = listOf(shown)
  const of = (key: string): Values[] => list.filter((each) => each['key'] === key)
  const problems = builtIn.flatMap((key) => {
    const held = actor.held(key)
    return held === 'open' || (held === 'yes') === of(key).length > 0 ? [] : [`shows ${key} as ${stable(of(key))}, and held it is ${held}`]
  })
  for (const resource of resources) {
    const { get, list: lists, update } = keys[resource]
    for (const row of actor.org.rows(resource)) {
      for (const key of [get, lists, update]) {
        const can = actor.can(key, resource, row)
        if (can !== reach(actor.org, of(key), resource, row))
          problems.push(`shows ${key} as ${stable(of(key))}, which must ${can ? '' : 'not '}reach ${resource} ${row.id}`)
      }
    }
  }
  return problems
}
