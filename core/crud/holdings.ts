// All that an actor is granted and denied, what it comes from, and where their keys reach once it is put together. Told as far as who asks
// may read it.
import { effectiveKeys } from '../access/effective.ts'
import type { CallContext } from '../call/call.ts'
import type { EngineCall } from '../call/operation.ts'
import { notFound } from '../define/errors.ts'
import type { Holdings } from '../define/explanation.ts'
import { resourceOf } from '../model/resource.ts'
import { readable } from './explain.ts'
import { telling, Wanted } from './reasons.ts'

/** Grants that are told at most, and as many denies. */
const most = 1000

export const holdings = async (context: CallContext, asker: EngineCall, actorId: string): Promise<Holdings> => {
  const { actorResource, actors, keys: known, resources, root } = context
  await readable(asker, context, resourceOf(resources, actorResource), actorId)
  const admitted = await actors.explained(asker.db, actorId)
  if (!admitted) throw notFound()
  const { actor, ended } = admitted
  const keys = effectiveKeys(actor, root, known)
  const of = (isDeny: boolean) => actor.grants.filter(({ deny }) => deny === isDeny).slice(0, most)
  const [grants, denies] = [of(false), of(true)]
  const wanted = new Wanted()
  for (const { rows } of keys) for (const { resource, id } of rows) wanted.want(resources.get(resource), [id])
  const scopeIds = keys.flatMap(({ scopes, except }) => [...(scopes ?? []), ...except])
  const { named, scope, told } = await telling(asker, resources, { grants: [...grants, ...denies], scopeIds, wanted })
  const places = (ids: readonly string[]) => ids.map((id) => scope(id) ?? {})
  return {
    ...(ended === undefined ? {} : { ended }),
    keys: keys.map(({ key, scopes, except, rows }) => ({
      key, scopes: scopes && places(scopes), except: places(except), rows: rows.map(({ resource, id }) => named(resource, id)),
    })),
    grants: grants.map(told),
    denies: denies.map(told),
  }
}
