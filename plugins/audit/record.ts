// One entry for each request that changes something, in its transaction; one for each refusal, in a transaction of its own.
import type { Knex } from 'knex'
import {
  AppError, canonical, changesOf, note, statement, type Call, type Change, type OperationInfo, type Payload, type TargetedHook,
} from '#sovrane'
import { originOf, type Writer, type Entry, type Fields } from './entry.ts'
import { masked } from './mask.ts'
import type { RefusalWriter } from './refusals.ts'

interface Difference {
  readonly before: Fields
  readonly after: Fields
}

interface Recorded extends Difference {
  readonly targetType: string | null
  readonly targetId: string | null
}

/** Authentication events are always recorded, whatever `audit-config` leaves out. */
const isAuthentication = ({ operation }: Pick<Call, 'operation'>): boolean => operation.tags.includes('authentication')

/** The event that says what is recorded; recorded itself whatever it leaves out. */
export const configEvent = 'audit-config-update'

const nothing: Difference = { before: {}, after: {} }

/** The database's own stamps: every change changes them. */
const stamps = new Set(['id', 'version', 'createdAt', 'updatedAt', 'createdBy', 'updatedBy'])

const contentOf = (row: Fields): Fields =>
  Object.fromEntries(Object.entries(row).filter(([name, value]) => !stamps.has(name) && value !== null && value !== undefined))

/** What the engine has stated of a row, in the values that the row had and now has. */
const rowChange = ({ action, before, fields, links }: Change, output: Payload): Difference => {
  if (action === 'delete') return { before: contentOf(before ?? {}), after: {} }
  const names = [...fields]
  const pick = (row: Fields): Fields => Object.fromEntries(names.filter((name) => name in row).map((name) => [name, row[name] ?? null]))
  // Fields that are accepted and never read back are secrets, whatever their names: that one was set is told, its value is not.
  const secrets: Fields = Object.fromEntries(names.filter((name) => !(name in output) && !(name in links)).map((name) => [name, masked]))
  return { before: pick(before ?? {}), after: { ...(before ? pick(output) : contentOf(output)), ...secrets } }
}

/** The event of a link says itself what it links or unlinks, whichever end's row that changes. */
const linkChange = (call: Call, change: Change, output: Payload): Difference | undefined => {
  const { operation: { action }, before, input: { id: _id, ifVersion: _ifVersion, ...link }, system } = call
  const isOwn = change.before?.id === before?.id
  // A link that is there already raises no version; the second one in a transaction of the system's does not either, and counts.
  if (isOwn && !system && before?.version === output['version']) return undefined
  const { before: left, after: joined } = isOwn ? rowChange(change, output) : nothing
  return action === 'add' ? { before: left, after: { ...joined, ...link } } : { before: { ...left, ...link }, after: joined }
}

const idOf = (value: unknown): string | null => (typeof value === 'string' && value.length <= 128 ? value : null)

/** The row that a payload names, as far as it names one. */
const targetOf = ({ operation, input }: Pick<Call, 'operation' | 'input'>): Pick<Recorded, 'targetType' | 'targetId'> =>
  ({ targetType: operation.owner, targetId: idOf(input['id']) ?? idOf(input['key']) })

/** Whom an authentication event is about: whose row it is on, as another's; else one's own, and an id is then of what one has. */
const authenticationChange = ({ operation, actor, before: row, input }: Call): Recorded => {
  const { ifVersion: _ifVersion, ...said } = input
  const { id: _id, ...after } = said
  if (row) return { targetType: operation.resource ?? operation.owner, targetId: row.id, before: {}, after }
  return { ...actor ? { targetType: 'user', targetId: actor.id } : targetOf({ operation, input }), before: {}, after: actor ? said : after }
}

/** An operation of a plugin that says nothing of itself: by what the feed will tell, else it counts as a change of what its input names. */
const pluginChange = async (call: Call): Promise<Recorded> => {
  if (isAuthentication(call)) return authenticationChange(call)
  const { id: _id, ifVersion: _ifVersion, ...after } = call.input
  const [first] = await changesOf(call.db)
  return { ...first ? { targetType: first.resource, targetId: first.id } : targetOf(call), before: {}, after }
}

/** What a mutation changed; undefined when it changed nothing. Authentication events count whether they changed anything or not. */
const changeOf = async (call: Call, output: Payload): Promise<Recorded | undefined> => {
  const said = call.notes.get(statement)
  if (said) {
    const isSame = said.before !== undefined && said.after !== undefined && canonical(said.before) === canonical(said.after)
    return isSame && !isAuthentication(call) ? undefined : { ...targetOf(call), ...nothing, ...said }
  }
  const { change, operation: { action, owner } } = call
  if (isAuthentication(call) || !change) return pluginChange(call)
  if (change.action === 'update' && change.fields.size === 0) return undefined
  const found = action === 'add' || action === 'remove' ? linkChange(call, change, output) : rowChange(change, output)
  return found && { targetType: owner, targetId: idOf(output['id']) ?? call.before?.id ?? null, ...found }
}

/** Whose rows are rights, and the fields of other rows that hold rights. */
const rightsOwners = new Set(['role', 'permission'])
const rightsFields = ['roles', 'permissions', 'role']

/** Whether a change is one of who may do what. */
const isCritical = ({ owner, event, relation = '' }: OperationInfo, { before, after }: Difference): boolean =>
  rightsOwners.has(owner) || event === configEvent || rightsFields.some((field) => field === relation || field in before || field in after)

const failures = new Set(['unauthenticated', 'account_locked', 'password_expired', 'forbidden'])

/** A password typed into the wrong field must not be kept: only what looks like an address is. */
const addressIn = ({ email }: Payload): string | undefined =>
  typeof email === 'string' && /^[^\s@]{1,64}@[^\s@]{1,189}$/.test(email) ? email : undefined

const textIn = (details: unknown, name: string): string | undefined => {
  const value: unknown = typeof details === 'object' && details !== null ? (details as Fields)[name] : undefined
  return typeof value === 'string' ? value : undefined
}

/** Of several payloads the one that was refused. */
const refusedOf = ({ operation, input }: Call, error: AppError): Pick<Call, 'operation' | 'input'> => {
  const { items } = input
  const { index } = error.details as { readonly index?: unknown } | undefined ?? {}
  const item: unknown = Array.isArray(items) && typeof index === 'number' ? items[index] : undefined
  return { operation, input: typeof item === 'object' && item !== null ? item as Payload : input }
}

/** What a failed call leaves: refusals for lack of rights and failed authentication are recorded, other failures are not. */
const refusalOf = (call: Call, error: unknown): Pick<Entry, 'targetType' | 'targetId' | 'details'> | undefined => {
  if (!(error instanceof AppError)) return undefined
  const isEvent = isAuthentication(call) && failures.has(error.code)
  if (error.code !== 'forbidden' && !isEvent) return undefined
  const said = call.notes.get(statement)
  const target = targetOf(refusedOf(call, error))
  const details = {
    error: error.code,
    permission: textIn(error.details, 'permission'),
    reason: said?.reason ?? textIn(error.details, 'reason') ?? (error.code === 'account_locked' ? 'locked' : undefined),
    email: isEvent ? addressIn(call.input) : undefined,
  }
  return { targetType: said?.targetType ?? target.targetType, targetId: said?.targetId ?? target.targetId, details }
}

/** What an operation that the request's own called has changed. */
interface Inner {
  readonly operation: OperationInfo
  readonly change: Recorded
}

/** What operations called by the request's own changed, in the transaction that may be run again. */
const innerChanges = note<{ readonly db: Knex; readonly changes: Inner[] }>('audit.inner')

const maxInner = 50

const innerOf = (call: Call): Inner[] => {
  const known = call.notes.get(innerChanges)
  if (known?.db === call.db) return known.changes
  const changes: Inner[] = []
  call.notes.set(innerChanges, { db: call.db, changes })
  return changes
}

/** The call that has an entry of its own: the request's, or one of several that the request is made of. */
const recorded = (call: Call): Call =>
  (call.parent && !(call.parent.operation.each !== undefined && !call.parent.parent) ? recorded(call.parent) : call)

/** A log-in has no actor yet; who was let in is in its reply. */
const loggedIn = (output: Payload): string | undefined => {
  const user = output['user']
  return typeof user === 'object' && user !== null && 'id' in user && typeof user.id === 'string' ? user.id : undefined
}

export const createHooks = (writer: Writer, refusals: RefusalWriter): TargetedHook[] => {
  const baseOf = (call: Call) => {
    const { event, each = event, owner } = call.operation
    return { ...originOf(call), action: each, category: owner, always: isAuthentication(call) }
  }

  const around = async (call: Call, next: () => Promise<Payload>): Promise<Payload> => {
    // Operations that others called leave no entry, the request does.
    if (call.parent) return next()
    try {
      return await next()
    } catch (error) {
      const refusal = call.system ? undefined : refusalOf(call, error)
      // What is committed all the same, as the end of a stolen session, has its entry.
      if (refusal && error !== call.refusal) await refusals.write(call.db, { ...baseOf(call), ...refusal, level: 'warning' })
      throw error
    }
  }

  const write = (call: Call, output: Payload, change: Recorded): void => {
    const { targetType, targetId, before, after } = change
    if (call.refusal) {
      const details = { error: call.refusal.code, reason: call.notes.get(statement)?.reason }
      return writer.withCommit(call, [{ ...baseOf(call), level: 'warning', targetType, targetId, details }])
    }
    const user = isAuthentication(call) && !call.actor ? loggedIn(output) : undefined
    const inner = innerOf(call)
    const isWeighty = [{ operation: call.operation, change }, ...inner].some((each) => isCritical(each.operation, each.change))
    const told = inner.slice(0, maxInner).map((each) => ({ action: each.operation.event, ...each.change }))
    writer.withCommit(call, [{
      ...baseOf(call),
      always: isAuthentication(call) || call.operation.event === configEvent,
      level: isWeighty ? 'critical' : 'info',
      targetType, targetId,
      ...(user === undefined ? {} : { actorId: user, actorType: 'user', targetType: 'user', targetId: user }),
      details: { before, after, inner: told.length === 0 ? undefined : told },
    }])
  }

  const after = async (call: Call, output: Payload): Promise<void> => {
    if (call.operation.kind !== 'mutation' || call.operation.each !== undefined) return
    const change = await changeOf(call, output)
    const by = recorded(call)
    if (by !== call) {
      if (change) innerOf(by).push({ operation: call.operation, change })
      return
    }
    const target = { targetType: call.operation.owner, targetId: call.before?.id ?? null }
    const found = change ?? (innerOf(call).length > 0 ? { ...target, ...nothing } : undefined)
    if (found) write(call, output, found)
  }

  return [{ on: '*', around, after }]
}
