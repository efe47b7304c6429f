// One entry for each request that changes something, in its transaction; one for each refusal, in a transaction of its own.
import { AsyncLocalStorage } from 'node:async_hooks'
import type { Knex } from 'knex'
import { AppError, canonical, changesOf, type Call, type Payload, type TargetedHook } from '../../core/define/index.ts'
import { originOf, type Append, type Entry, type Fields } from './entry.ts'
import { masked } from './mask.ts'
import type { RefusalWriter } from './refusals.ts'

interface Difference {
  readonly before: Fields
  readonly after: Fields
}

interface Change extends Difference {
  readonly targetType: string | null
  readonly targetId: string | null
}

/**
 * What an operation that is not generic may say of itself: `call.notes.set('audit', note)`, in its handler or in a hook around it.
 * `before` equal to `after` says that nothing was changed. `reason` is for failures, such as `locked`.
 * `failure`: the code with which a hook will refuse what is committed here; its entry is that of the refusal.
 */
export interface AuditNote extends Partial<Change> {
  readonly reason?: string
  readonly failure?: string
}

export const noteName = 'audit'

const noteOf = (call: Call): AuditNote | undefined => {
  const note = call.notes.get(noteName)
  // Whoever leaves it gives this type.
  return typeof note === 'object' && note !== null ? note : undefined
}

/** The plugins whose operations are authentication events: always recorded, whatever `audit-config` leaves out. */
const authenticating = new Set(['auth', 'mfa'])
const isAuthentication = ({ owner }: Pick<Call, 'owner'>): boolean => authenticating.has(owner)

/** The event that says what is recorded; recorded itself whatever it leaves out. */
export const configEvent = 'audit-config-update'

const nothing: Difference = { before: {}, after: {} }

/** The database's own stamps: every change changes them. */
const stamps = new Set(['id', 'version', 'createdAt', 'updatedAt', 'createdBy', 'updatedBy'])

const contentOf = (row: Fields): Fields =>
  Object.fromEntries(Object.entries(row).filter(([name, value]) => !stamps.has(name) && value !== null && value !== undefined))

/** The fields whose values differ. */
const difference = (before: Fields, after: Fields): Difference => {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((name) => !stamps.has(name) && canonical(before[name] ?? null) !== canonical(after[name] ?? null))
  const pick = (row: Fields): Fields => Object.fromEntries(names.map((name) => [name, row[name] ?? null]))
  return { before: pick(before), after: pick(after) }
}

const isEmpty = ({ before, after }: Difference): boolean => Object.keys(before).length + Object.keys(after).length === 0

const merge = (one: Difference, other: Difference): Difference =>
  ({ before: { ...one.before, ...other.before }, after: { ...one.after, ...other.after } })

const given = ({ id: _id, ifVersion: _ifVersion, ...fields }: Payload): Payload => fields

/** Fields that are accepted and never read back are secrets, whatever their names: that one was set is told, its value is not. */
const secretsIn = (input: Payload, row: Payload): Difference =>
  ({ before: {}, after: Object.fromEntries(Object.keys(given(input)).flatMap((name) => (name in row ? [] : [[name, masked]]))) })

const isDelete = ({ operation, owner, before }: Call): boolean => before !== undefined && operation === `${owner}-delete`

/** Whether the engine's own code for rows did the work: it answers the row, or has deleted it. */
const isGeneric = (call: Call, output: Payload): boolean =>
  call.candidate !== undefined || isDelete(call) || (call.before !== undefined && output['version'] !== undefined)

/** What `add-` and `remove-` events linked and unlinked. */
const linked = ({ operation, owner, input }: Call): Difference => {
  const rest = operation.slice(owner.length + 1)
  if (rest.startsWith('add-')) return { before: {}, after: given(input) }
  return rest.startsWith('remove-') ? { before: given(input), after: {} } : nothing
}

/** A generic operation: what differs between the row before and the row that it answers. */
const rowChange = (call: Call, output: Payload): Difference | undefined => {
  const { before, candidate, input } = call
  if (!before) return merge({ before: {}, after: contentOf(output) }, secretsIn(input, output))
  if (isDelete(call)) return { before: contentOf(before), after: {} }
  const fields = difference(before, output)
  if (candidate) {
    const change = merge(fields, secretsIn(input, output))
    return isEmpty(change) ? undefined : change
  }
  // A link raises its owner's version, once a transaction: what `system` does in one transaction may show no rise.
  const isChanged = before.version !== output['version'] || !isEmpty(fields) || call.system
  return isChanged ? merge(fields, linked(call)) : undefined
}

const idOf = (value: unknown): string | null => (typeof value === 'string' && value.length <= 128 ? value : null)

/** The row that a payload names, as far as it names one. */
const targetOf = ({ owner, input }: Call): Pick<Change, 'targetType' | 'targetId'> =>
  ({ targetType: owner, targetId: idOf(input['id']) ?? idOf(input['key']) })

/** An operation of a plugin that says nothing of itself: by what the feed will tell, else it counts as a change of what its input names. */
const pluginChange = async (call: Call): Promise<Change> => {
  const change = { before: {}, after: given(call.input) }
  if (isAuthentication(call)) return { ...call.actor ? { targetType: 'user', targetId: call.actor.id } : targetOf(call), ...change }
  const [first] = await changesOf(call.db)
  return { ...first ? { targetType: first.resource, targetId: first.id } : targetOf(call), ...change }
}

/** What a mutation changed; undefined when it changed nothing. Authentication events count whether they changed anything or not. */
const changeOf = async (call: Call, output: Payload): Promise<Change | undefined> => {
  const note = noteOf(call)
  if (note) {
    const isSame = note.before !== undefined && note.after !== undefined && canonical(note.before) === canonical(note.after)
    return isSame && !isAuthentication(call) ? undefined : { ...targetOf(call), ...nothing, ...note }
  }
  if (isAuthentication(call) || !isGeneric(call, output)) return pluginChange(call)
  const found = rowChange(call, output)
  return found && { targetType: call.owner, targetId: idOf(output['id']) ?? call.before?.id ?? null, ...found }
}

/** Whose rows are rights, and the fields of other rows that hold rights. */
const rightsOwners = new Set(['role', 'permission'])
const rightsFields = ['roles', 'permissions', 'role']

/** Whether a change is one of who may do what. */
const isCritical = ({ operation, owner }: Pick<Call, 'operation' | 'owner'>, { before, after }: Difference): boolean =>
  rightsOwners.has(owner) || operation === configEvent || /-(?:add|remove)-(?:role|permission)$/.test(operation)
    || rightsFields.some((field) => field in before || field in after)

const failures = new Set(['unauthenticated', 'account_locked', 'password_expired', 'forbidden'])

/** A password typed into the wrong field must not be kept: only what looks like an address is. */
const addressIn = ({ email }: Payload): string | undefined =>
  typeof email === 'string' && /^[^\s@]{1,64}@[^\s@]{1,189}$/.test(email) ? email : undefined

const textIn = (details: unknown, name: string): string | undefined => {
  const value: unknown = typeof details === 'object' && details !== null ? (details as Fields)[name] : undefined
  return typeof value === 'string' ? value : undefined
}

/** What a failed call leaves: refusals for lack of rights and failed authentication are recorded, other failures are not. */
const refusalOf = (call: Call, error: unknown): Pick<Entry, 'targetType' | 'targetId' | 'details'> | undefined => {
  if (!(error instanceof AppError)) return undefined
  const isEvent = isAuthentication(call) && failures.has(error.code)
  if (error.code !== 'forbidden' && !isEvent) return undefined
  const note = noteOf(call)
  const target = targetOf(call)
  const details = {
    error: error.code,
    permission: textIn(error.details, 'permission'),
    reason: note?.reason ?? textIn(error.details, 'reason') ?? (error.code === 'account_locked' ? 'locked' : undefined),
    email: isEvent ? addressIn(call.input) : undefined,
  }
  return { targetType: note?.targetType ?? target.targetType, targetId: note?.targetId ?? target.targetId, details }
}

/** What an operation that the request's own called has changed. */
interface Inner {
  readonly owner: string
  readonly operation: string
  readonly change: Change
}

/** What is known of the request under way. */
interface Request {
  readonly id: string
  /** The transaction in which `inner` happened: it may be run again. */
  db?: Knex
  /** What operations called by the request's own changed. */
  inner: Inner[]
  /** The transaction that holds its entry. */
  recorded?: Knex
}

const maxInner = 50

const isTransaction = (db: Knex): db is Knex.Transaction => db.isTransaction === true

/** Whether a transaction that is over was committed. */
const isCommitted = async (db: Knex | undefined): Promise<boolean> =>
  db !== undefined && isTransaction(db) && db.executionPromise.then(() => true, () => false)

/** A log-in has no actor yet; who was let in is in its reply. */
const loggedIn = (output: Payload): string | undefined => {
  const user = output['user']
  return typeof user === 'object' && user !== null && 'id' in user && typeof user.id === 'string' ? user.id : undefined
}

export const createHooks = (append: Append, refusals: RefusalWriter): TargetedHook[] => {
  const requests = new AsyncLocalStorage<Request>()
  // Operations that others called: they leave no entry, the request does.
  const within = new WeakSet<Call>()

  const baseOf = (call: Call) => ({ ...originOf(call), action: call.operation, category: call.owner, always: isAuthentication(call) })

  const around = async (call: Call, next: () => Promise<Payload>): Promise<Payload> => {
    // The request's own id, too: a task that it left behind may run in its context.
    if (requests.getStore()?.id === call.requestId) {
      within.add(call)
      return next()
    }
    const request: Request = { id: call.requestId, inner: [] }
    return requests.run(request, async () => {
      try {
        return await next()
      } catch (error) {
        const refusal = call.system ? undefined : refusalOf(call, error)
        // What it has committed before, as the end of a stolen session, has its entry.
        if (refusal && !(await isCommitted(request.recorded)))
          await refusals.write(call.db, { ...baseOf(call), ...refusal, level: 'warning' })
        throw error
      }
    })
  }

  const keep = (request: Request, call: Call, change: Change): void => {
    if (request.db !== call.db) Object.assign(request, { db: call.db, inner: [] })
    request.inner.push({ owner: call.owner, operation: call.operation, change })
  }

  const write = async (call: Call, output: Payload, change: Change, inner: readonly Inner[]): Promise<void> => {
    const { targetType, targetId, before, after } = change
    const { failure, reason } = noteOf(call) ?? {}
    if (failure !== undefined)
      return append(call.db, [{ ...baseOf(call), level: 'warning', targetType, targetId, details: { error: failure, reason } }])
    const user = isAuthentication(call) && !call.actor ? loggedIn(output) : undefined
    const told = inner.slice(0, maxInner).map(({ operation, change }) => ({ action: operation, ...change }))
    await append(call.db, [{
      ...baseOf(call),
      always: isAuthentication(call) || call.operation === configEvent,
      level: isCritical(call, change) || inner.some((each) => isCritical(each, each.change)) ? 'critical' : 'info',
      targetType, targetId,
      ...(user === undefined ? {} : { actorId: user, actorType: 'user', targetType: 'user', targetId: user }),
      details: { before, after, inner: told.length === 0 ? undefined : told },
    }])
  }

  const after = async (call: Call, output: Payload): Promise<void> => {
    if (call.kind !== 'mutation') return
    const request = requests.getStore()
    const change = await changeOf(call, output)
    if (within.has(call)) {
      if (request && change) keep(request, call, change)
      return
    }
    const inner = request?.db === call.db ? request.inner : []
    const found = change ?? (inner.length > 0 ? { targetType: call.owner, targetId: call.before?.id ?? null, ...nothing } : undefined)
    if (!found) return
    if (request) request.recorded = call.db
    await write(call, output, found, inner)
  }

  return [{ on: '*', around, after }]
}
