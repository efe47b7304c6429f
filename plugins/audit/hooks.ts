// The hooks on every operation: one entry a request, in its transaction; refusals in one of their own.
import { AsyncLocalStorage } from 'node:async_hooks'
import type { Knex } from 'knex'
import type { Call, Payload, TargetedHook } from '../../core/define/index.ts'
import { originOf, type Append } from './append.ts'
import { isAuthentication } from './authentication.ts'
import { changeOf, noteOf, type Change } from './change.ts'
import { refusalOf } from './refusal.ts'
import type { RefusalWriter } from './refusal-writer.ts'
import { configEvent, weightOf } from './weight.ts'

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

/** Inner changes that an entry tells of. */
const mostInner = 50

export interface HookOptions {
  readonly append: Append
  readonly refusals: RefusalWriter
}

const isTransaction = (db: Knex): db is Knex.Transaction => db.isTransaction === true

/** Whether a transaction that is over was committed. */
const isCommitted = async (db: Knex | undefined): Promise<boolean> =>
  db !== undefined && isTransaction(db) && db.executionPromise.then(() => true, () => false)

/** A log-in has no actor yet; who was let in is in its reply. */
const loggedIn = (output: Payload): string | undefined => {
  const user = output['user']
  return typeof user === 'object' && user !== null && 'id' in user && typeof user.id === 'string' ? user.id : undefined
}

export const createHooks = ({ append, refusals }: HookOptions): TargetedHook[] => {
  const requests = new AsyncLocalStorage<Request>()
  // Operations that others called: they leave no entry, the request does.
  const within = new WeakSet<Call>()

  const refused = async (call: Call, error: unknown): Promise<void> => {
    const refusal = refusalOf(call, error)
    if (!refusal || call.system) return
    const { operation: action, owner: category } = call
    await refusals.write(call.db, { fields: { ...originOf(call), ...refusal, action, category, level: 'warning' }, always: isAuthentication(call) })
  }

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
        // What it has committed before, as the end of a stolen session, has its entry.
        if (!(await isCommitted(request.recorded))) await refused(call, error)
        throw error
      }
    })
  }

  const keep = (request: Request, call: Call, change: Change): void => {
    if (request.db !== call.db) Object.assign(request, { db: call.db, inner: [] })
    request.inner.push({ owner: call.owner, operation: call.operation, change })
  }

  const write = async (call: Call, output: Payload, change: Change, inner: readonly Inner[]): Promise<void> => {
    const { operation: action, owner: category } = call
    const user = isAuthentication(call) && !call.actor ? loggedIn(output) : undefined
    const origin = originOf(call)
    const { failure, reason } = noteOf(call) ?? {}
    const request = requests.getStore()
    if (request) request.recorded = call.db
    if (failure !== undefined) {
      const { targetType, targetId } = change
      return append(call.db, { ...origin, action, category, level: 'warning', targetType, targetId, details: { error: failure, ...(reason === undefined ? {} : { reason }) } }, { always: isAuthentication(call) })
    }
    await append(call.db, {
      ...origin,
      ...(user === undefined ? {} : { actorId: user, actorType: 'user' }),
      action, category,
      level: [weightOf(call, change), ...inner.map((each) => weightOf(each, each.change))].includes('critical') ? 'critical' : 'info',
      targetType: user === undefined ? change.targetType : 'user',
      targetId: user ?? change.targetId,
      details: { before: change.before, after: change.after, ...(inner.length === 0 ? {} : { inner: inner.slice(0, mostInner).map(({ operation, change: within }) => ({ action: operation, ...within })) }) },
    }, { always: isAuthentication(call) || action === configEvent })
  }

  const after = async (call: Call, output: Payload): Promise<void> => {
    if (call.kind !== 'mutation') return
    const request = requests.getStore()
    const isInner = within.has(call)
    const inner = request && request.db === call.db && !isInner ? request.inner : []
    const change = await changeOf(call, output)
    if (isInner) {
      if (request && change) keep(request, call, change)
      return
    }
    const found = change ?? (inner.length > 0 ? { targetType: call.owner, targetId: call.before?.id ?? null, before: {}, after: {} } : undefined)
    if (found) await write(call, output, found, inner)
  }

  return [{ on: '*', around, after }]
}
