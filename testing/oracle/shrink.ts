// Makes a failure small: fewer steps, fewer looks, an organisation with less in it; as long as it still fails, and there is time.

import { deflateRawSync, inflateRawSync } from 'node:zlib'
import type { Foundation } from './foundation.ts'
import type { Step } from './steps.ts'

export interface Case {
  readonly foundation: Foundation
  readonly steps: readonly Step[]
}

/** Plays a case: at which step it fails (their number: afterwards), or undefined. */
export type Try = (given: Case) => Promise<number | undefined>

export const write = (given: Case): string => deflateRawSync(JSON.stringify(given)).toString('base64url')
export const read = (text: string): Case => JSON.parse(inflateRawSync(Buffer.from(text, 'base64url')).toString('utf8')) as Case

type Change = (given: Case) => Case

const at = <T,>(list: readonly T[], index: number, change: (item: T) => T): T[] =>
  list.map((item, here) => (here === index ? change(item) : item))

/** Without each part of the list: halves first, then quarters, down to single ones. */
function cuts(length: number): { readonly from: number; readonly to: number }[] {
  const found: { readonly from: number; readonly to: number }[] = []
  for (let size = Math.ceil(length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < length; from += size) found.push({ from, to: Math.min(length, from + size) })
  }
  return found
}

const inFoundation =
  (change: (foundation: Foundation) => Foundation): Change =>
  (given) => ({ ...given, foundation: change(given.foundation) })

/** What an organisation can do without: all of a kind first, then each by itself. */
function simplifications({ foundation, steps }: Case): Change[] {
  const { users, roles, groups, departments } = foundation
  const user = (change: (each: Foundation['users'][number]) => Foundation['users'][number]) => [
    inFoundation((all) => ({ ...all, users: all.users.map(change) })),
    ...users.map((_, index) => inFoundation((all) => ({ ...all, users: at(all.users, index, change) }))),
  ]
  const department = (change: (each: Foundation['departments'][number]) => Foundation['departments'][number]) => [
    inFoundation((all) => ({ ...all, departments: all.departments.map(change) })),
    ...departments.map((_, index) => inFoundation((all) => ({ ...all, departments: at(all.departments, index, change) }))),
  ]
  const looks = (change: (each: Step['looks']) => Step['looks']) =>
    steps.map((_, index): Change => (given) => ({
      ...given, steps: at(given.steps, index, (each) => ({ ...each, looks: change(each.looks) })),
    }))
  return [
    (given) => ({ ...given, steps: given.steps.map((each, index) => (index === given.steps.length - 1 ? each : { ...each, looks: [] })) }),
    ...looks(() => []), ...looks((list) => list.slice(1)), ...looks((list) => list.slice(0, 1)),
    inFoundation((all) => ({ ...all, groups: all.groups.map(() => ({ members: [], responsibles: [] })) })),
    ...groups.map((_, index) =>
      inFoundation((all) => ({ ...all, groups: at(all.groups, index, () => ({ members: [], responsibles: [] })) })),
    ),
    ...user((each) => ({ ...each, denies: [] })), ...user((each) => ({ ...each, grants: [] })),
    ...user((each) => ({ ...each, roles: [] })), ...department((each) => ({ ...each, manager: null })),
    ...department((each) => ({ ...each, parent: null })), ...department((each) => ({ ...each, site: null })),
    ...user((each) => ({ ...each, site: null })), ...user((each) => ({ ...each, department: null })),
    ...user((each) => ({ ...each, status: 'active' })),
    ...roles.map((_, index) => inFoundation((all) => ({ ...all, roles: at(all.roles, index, () => []) }))),
    ...roles.flatMap((list, index) =>
      list.map((_, part) =>
        inFoundation((all) => ({ ...all, roles: at(all.roles, index, (each) => each.filter((_each, here) => here !== part)) })),
      ),
    ),
  ]
}

/** What follows the failure is nothing to it. */
const upTo = (given: Case, failedAt: number): Case => ({ ...given, steps: given.steps.slice(0, failedAt + 1) })

/** The smallest case found that still fails; `until` in epoch milliseconds. */
export async function shrink(
  first: Case, failedAt: number,
  { attempt, until }: { readonly attempt: Try; readonly until: number },
): Promise<Case> {
  let best = upTo(first, failedAt)
  const better = async (candidate: Case): Promise<boolean> => {
    if (Date.now() > until || JSON.stringify(candidate) === JSON.stringify(best)) return false
    const failed = await attempt(candidate)
    if (failed === undefined) return false
    best = upTo(candidate, failed)
    return true
  }
  for (let changed = true; changed && Date.now() <= until;) {
    changed = false
    // The last step is the one that fails.
    for (const { from, to } of cuts(Math.max(0, best.steps.length - 1))) {
      if (from >= best.steps.length - 1) continue
      changed =
        (await better({
          ...best,
          steps: best.steps.filter((_, index) => index < from || index >= to || index === best.steps.length - 1),
        })) || changed
    }
    for (const simplify of simplifications(best)) changed = (await better(simplify(best))) || changed
  }
  return best
}
