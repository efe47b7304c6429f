// Whether an actor may call an event, on a row, and why: decided by the steps of the operation itself, over rights that note what they
// are asked. Told as far as who asks may read it.
import { authorise, authoriseRow, type Demand } from '../access/authorise.ts'
import { holds } from '../access/held.ts'
import { placesOf, type Place } from '../access/scopes.ts'
import { createSeen, type Seen } from '../access/seen.ts'
import type { Asked, CallContext, Trial } from '../call/call.ts'
import type { EngineCall, Operation } from '../call/operation.ts'
import { AppError, invalidPayload, notFound } from '../define/errors.ts'
import type { Explanation, Further } from '../define/explanation.ts'
import type { Row } from '../define/rights.ts'
import { resourceOf, type Resource } from '../model/resource.ts'
import { tellReasons } from './reasons.ts'
import { readRow } from './select.ts'

/** A row that the caller may name: one that they may get, or their own. */
export const readable = async (asker: EngineCall, { actorResource }: CallContext, resource: Resource, id: string): Promise<Row> => {
  const row = await readRow(asker, resource, id)
  const isOwn = resource.name === actorResource && id === asker.actor?.id && asker.actor.keysOnly !== true
  if (!row || !(isOwn || (await asker.rights.can('get', resource, row)))) throw notFound()
  return row
}

/** What was decided. */
interface Decided {
  readonly further: readonly Further[]
  readonly refusal?: { readonly error: AppError; readonly demand: Demand | undefined }
}

const decideOn = async ({ steps, resource = '' }: Operation, trial: EngineCall, row: Row | undefined): Promise<Decided> => {
  let asked: Demand | undefined
  try {
    for (const demand of steps.demands) {
      asked = demand
      await (demand.on === 'row' && row ? authoriseRow(trial, demand, row) : authorise(trial, demand))
    }
    asked = undefined
    const further = await steps.foresee(trial, row)
    const onRow = row ? undefined : steps.demands.find(({ on }) => on === 'row')
    return { further: [
      ...(onRow ? [{ when: 'row', keys: [onRow.key] } as const] : []), ...further,
      ...(trial.onceWritten.length > 0 ? [{ when: 'written', keys: [], resource } as const] : []),
    ] }
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return { further: [], refusal: { error, demand: asked } }
  }
}

/** What an error says by itself, beside the key or the rule that was seen to refuse. */
const detailsOf = ({ details = {} }: AppError): { readonly permission?: unknown; readonly reason?: unknown } =>
  ('length' in details ? {} : details)

const codes = ['forbidden', 'not_found', 'conflict', 'invalid_payload'] as const

/** How the refusal is told. */
const refused = ({ error, demand }: NonNullable<Decided['refusal']>, seen: Seen, { resource }: Operation) => {
  const { permission, reason } = detailsOf(error)
  const missing = typeof permission === 'string' ? permission : demand?.key
  if (missing === undefined) {
    seen.rules.push({ told: {
      rule: 'guard', effect: 'deny', ...(resource === undefined ? {} : { resource }), ...(typeof reason === 'string' ? { reason } : {}),
    } })
  }
  const code = codes.find((each) => each === error.code)
  return { ...(missing === undefined ? {} : { missing }), ...(code ? { code } : {}) }
}

/** The operation and, where a row is named, the resource whose row it is. @throws AppError invalid_payload */
const findAsked = ({ operations }: CallContext, { event, id }: Asked) => {
  const operation = operations.get(event)
  if (!operation) throw invalidPayload([{ path: 'event', message: 'there is no such event' }])
  const demand = operation.steps.demands.find(({ on }) => on === 'row')
  if (id !== undefined && demand?.on !== 'row') throw invalidPayload([{ path: 'id', message: 'the event is about no row that there is' }])
  return { operation, about: demand?.on === 'row' && id !== undefined ? { resource: demand.resource, id } : undefined }
}

export const explain = async (context: CallContext, asker: EngineCall, asked: Asked, open: Trial): Promise<Explanation> => {
  const { operation, about } = findAsked(context, asked)
  await readable(asker, context, resourceOf(context.resources, context.actorResource), asked.actorId)
  const row = about && await readable(asker, context, about.resource, about.id)
  const admitted = await context.actors.explained(asker.db, asked.actorId)
  if (!admitted) throw notFound()
  const { actor, ended } = admitted
  const { demands } = operation.steps
  const seen = createSeen(context.actorResource, demands.flatMap((each) => (each.on === 'key' ? [each.key] : [])))
  const known = new Map<unknown, Promise<readonly Place[]>>()
  const places = (resource: Resource, of: Row | Readonly<Record<string, unknown>>): Promise<readonly Place[]> => {
    const found = known.get(of) ?? placesOf(asker.db, resource, of)
    known.set(of, found)
    return found
  }
  const trial = open({ operation, admitted, input: about ? { id: about.id } : {}, watched: { witness: seen, places } })
  trial.before = row
  const isShut = ended !== undefined && !operation.public
  const { further, refusal } = isShut ? { further: [], refusal: undefined } : await decideOn(operation, trial, row)
  if (isShut) seen.rules.push({ told: { rule: 'status', effect: 'deny', reason: ended } })
  else if (demands.length === 0) seen.rules.push({ told: { rule: operation.public ? 'public' : 'session', effect: 'allow' } })
  const told: Pick<Explanation, 'missing' | 'code'> =
    isShut ? { code: 'unauthenticated' } : refusal ? refused(refusal, seen, operation) : {}
  return {
    allowed: !isShut && !refusal,
    ...told,
    ...await tellReasons(asker, context.resources, {
      actor, root: context.root, seen, row, demands, missing: told.missing,
      places: row && about ? await places(about.resource, row) : [],
    }),
    depends: further.map((each) => ({ ...each, missing: each.keys.filter((key) => !holds(actor, key, context.root)) })),
  }
}
