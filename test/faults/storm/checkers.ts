// The rules of the promise, each a function from a history to what breaks it. An empty list: kept.
import { isDeepStrictEqual } from 'node:util'
import type { Attempt, Change, Effect, History, Observed, Told } from './history.ts'

const isDone = ({ outcomes: [first] }: Attempt): boolean => first?.ok === true

/** What the successes make of each row; the last one counts. */
const expected = (attempts: readonly Attempt[]): Map<string, Effect & { readonly version: number; readonly by: string }> => {
  const rows = new Map<string, Effect & { readonly version: number; readonly by: string }>()
  for (const attempt of attempts.filter(isDone)) {
    const [reply] = attempt.outcomes
    for (const [index, effect] of attempt.effects.entries()) {
      const before = rows.get(effect.row)
      const version = Math.max(before?.version ?? 0, index === 0 && reply?.ok ? reply.version ?? 0 : 0)
      const kept = before === undefined || before.fields === 'gone' ? {} : before.fields
      const fields = effect.fields === 'gone' ? effect.fields : { ...kept, ...effect.fields }
      rows.set(effect.row, { ...effect, fields, version, by: attempt.requestId })
    }
  }
  return rows
}

/** No acknowledged write is lost, in its row or in the feed, and nothing is there that no one was told of. */
export const lost = ({ known = [], attempts, rows, feed }: History): string[] => {
  const faults: string[] = []
  const wanted = expected([...known, ...attempts])
  for (const [row, { fields, version, by, shared }] of wanted) {
    const found = rows.get(row)
    if (fields === 'gone') {
      if (found) faults.push(`${row} is there, though ${by} has deleted it`)
    } else if (!found) {
      faults.push(`${row} is not there: ${by}`)
    } else {
      if (found.version < version) faults.push(`${row} has version ${found.version}, but ${version} was acknowledged`)
      for (const [field, value] of shared ? [] : Object.entries(fields)) {
        if (!isDeepStrictEqual(found.fields[field], value))
          faults.push(`${row}.${field} is ${JSON.stringify(found.fields[field])}, not ${JSON.stringify(value)}: ${by}`)
      }
    }
  }
  for (const row of rows.keys()) if (!wanted.has(row)) faults.push(`${row} is there, and no one was told of it`)
  const noted = new Set(feed.map(({ requestId }) => requestId))
  for (const { requestId } of attempts.filter(isDone)) if (!noted.has(requestId)) faults.push(`${requestId} has no place in the feed`)
  return faults
}

/** Every operation was one that must succeed; a refusal is then a repetition that was not known as one, or a state that never was. */
export const refused = ({ attempts }: History): string[] => attempts.flatMap(({ requestId, event, outcomes }) =>
  outcomes.flatMap((outcome) => (outcome.ok ? [] : [`${requestId} ${event}: ${outcome.code} ${JSON.stringify(outcome.details)}`])))

/** A repetition gets the first reply, and each request leaves exactly one entry in the audit log, a refused one none. */
export const doubled = ({ attempts, audit }: History): string[] => {
  const counts = new Map<string, number>()
  for (const requestId of audit) counts.set(requestId, (counts.get(requestId) ?? 0) + 1)
  return attempts.flatMap((attempt) => {
    const [found, wanted] = [counts.get(attempt.requestId) ?? 0, isDone(attempt) ? 1 : 0]
    return [
      ...(found === wanted ? [] : [`${attempt.requestId} ${attempt.event} left ${found} audit entries, not ${wanted}`]),
      ...(new Set(attempt.outcomes.map((outcome) => JSON.stringify(outcome))).size < 2 ? [] : [
        `${attempt.requestId} ${attempt.event} was answered in different ways: ${JSON.stringify(attempt.outcomes)}`,
      ]),
    ]
  })
}

const changesOf = (told: readonly Told[]): Change[] => told.flatMap((one) => (one.kind === 'change' ? [one] : []))

/** Every entry of the feed is told, if only by a later one of its row, or a resync stands for it. */
export const missed = ({ feed, observers }: History): string[] => observers.flatMap(({ name, told }) => {
  const last = new Map<string, number>()
  for (const { row, version } of changesOf(told)) last.set(row, Math.max(last.get(row) ?? 0, version))
  const resynced = Math.max(0, ...told.flatMap((one) => (one.kind === 'resync' ? [one.pos] : [])))
  return feed.flatMap(({ row, version, pos }) => ((last.get(row) ?? 0) >= version || resynced >= pos ? [] : [
    `${name} never heard of ${row} ${version} at ${pos}`,
  ]))
})

/** Positions grow, and so do the versions of each row, across all connections of an observer. */
export const inverted = ({ observers }: History): string[] => observers.flatMap(({ name, told }) => {
  const faults: string[] = []
  const versions = new Map<string, number>()
  let at = -1
  for (const one of told) {
    // Where a resync leads need not be new; it never leads back.
    if (one.pos < at || (one.pos === at && one.kind === 'change')) faults.push(`${name} was led from ${at} to ${one.pos} (${one.kind})`)
    at = one.pos
    if (one.kind === 'resync') continue
    const before = versions.get(one.row) ?? 0
    if (one.version <= before) faults.push(`${name} heard of ${one.row} ${one.version} after ${before}`)
    versions.set(one.row, one.version)
  }
  return faults
})

/** One position is one change of one row, for all observers and in the feed. With growing positions that is one order for all. */
export const disordered = ({ feed, observers }: History): string[] => {
  const known = new Map(feed.map(({ pos, row, version }) => [pos, `${row} ${version}`]))
  return observers.flatMap(({ name, told }) => changesOf(told).flatMap(({ pos, row, version }) => {
    const there = known.get(pos) ?? 'nothing'
    return there === `${row} ${version}` ? [] : [`${name} heard of ${row} ${version} at ${pos}, where the feed has ${there}`]
  }))
}

const isLink = (row: string): boolean => row.startsWith('member/')

const differences = (observer: Observed, { rows }: History): string[] => {
  const faults: string[] = [...observer.stale]
  for (const [row, there] of rows) {
    if (isLink(row) || !observer.readable(row, there.fields)) continue
    const seen = observer.rows.get(row)
    if (!isDeepStrictEqual(seen, there))
      faults.push(`${observer.name} has ${JSON.stringify(seen)} for ${row}, which is ${JSON.stringify(there)}`)
  }
  for (const row of observer.rows.keys()) {
    const there = rows.get(row)
    if (!there) faults.push(`${observer.name} has ${row}, which is not there`)
    else if (!observer.readable(row, there.fields)) faults.push(`${observer.name} has ${row}, which they may not read`)
  }
  return faults
}

/** What each observer has, from a first reading and one after each word, is what the database has, as far as they may read it. */
export const diverged = (history: History): string[] => history.observers.flatMap((observer) => differences(observer, history))

export const checkers = { lost, refused, doubled, missed, inverted, disordered, diverged } as const
