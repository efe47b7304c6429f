// Where an actor's keys reach, once denies are applied and `root` is written out: what a client shows as possible.
import type { EffectiveKey } from '../define/explanation.ts'
import type { Actor, Grant } from '../define/rights.ts'

const isWide = ({ scopeId, row }: Grant): boolean => scopeId === null && row === undefined
const scopesOf = (grants: readonly Grant[]): string[] => [...new Set(grants.flatMap(({ scopeId }) => scopeId ?? []))].toSorted()

/** Where grants reach that these denies take away from; undefined: nowhere. */
const reachOf = (
  key: string, { above }: Actor, { grants, denies }: { readonly grants: readonly Grant[]; readonly denies: readonly Grant[] },
): EffectiveKey | undefined => {
  if (denies.some(isWide)) return undefined
  const except = scopesOf(denies)
  const isLeft = (scope: string): boolean => ![scope, ...(above?.get(scope) ?? [])].some((each) => except.includes(each))
  const scopes = grants.some(isWide) ? null : scopesOf(grants).filter(isLeft)
  const rows = scopes === null ? [] : grants.flatMap(({ row }) => (row ? [row] : []))
  return scopes?.length === 0 && rows.length === 0 ? undefined : { key, scopes, except, rows }
}

/** By the order in which an ability decides: what `root` gives less its denies, then the key itself; less the denies of the key. */
export const effectiveKeys = (actor: Actor, root: string, keys: readonly string[]): EffectiveKey[] => {
  const given = actor.grants.filter(({ deny }) => !deny)
  const deniesOf = (key: string): Grant[] => actor.grants.filter((grant) => grant.deny && grant.key === key)
  const isRooted = given.some(({ key }) => key === root)
  const all = new Set([...given.map(({ key }) => key), ...(isRooted ? keys : [])])
  return [...all].toSorted().flatMap((key) => {
    const denies = deniesOf(key)
    const own = reachOf(key, actor, { grants: given.filter((grant) => grant.key === key && grant.byRoot !== true), denies })
    if (key === root || (own?.scopes === null && own.except.length === 0)) return own ?? []
    const ofRoot = given.filter((grant) => grant.key === root || (grant.key === key && grant.byRoot === true))
    const byRoot = reachOf(key, actor, { grants: ofRoot, denies: [...denies, ...deniesOf(root)] })
    const isAll = byRoot?.scopes === null && byRoot.except.every((each) => own?.except.includes(each) === true)
    return [...(byRoot ? [byRoot] : []), ...(own && !isAll ? [own] : [])]
  })
}
