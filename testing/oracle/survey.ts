// ORACLE_SURVEY=1: every kind of disagreement is counted and the next organisation played, instead of stopping at the first.

const found = new Map<string, { count: number; example: string }>()

export const isSurvey = process.env['ORACLE_SURVEY'] === '1'

/** Counts a disagreement by its kind: the event and the words, without the rows. */
export function note(message: string): void {
  const [line = '', ...rest] = message.split('\n')
  const event = /: ([a-z-]+) /.exec(line)?.[1] ?? line
  const kind = `${event}: ${rest
    .join(' ')
    .replaceAll(/"requestId":"[^"]*"/g, '')
    .replaceAll(/\b([sdgrku])\d\b/g, '$1')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'then')
    .slice(0, 300)}`
  const known = found.get(kind)
  if (known === undefined) {
    found.set(kind, { count: 1, example: message })
    process.stderr.write(`new: ${message.slice(0, 900)}\n`)
  }
  if (known !== undefined) known.count += 1
}

/** All kinds so far, the most frequent first. */
export function summary(): string {
  return [...found]
    .toSorted(([, a], [, b]) => b.count - a.count)
    .map(([kind, { count, example }]) => `${count} × ${kind}\n      e.g. ${example.slice(0, 700)}`)
    .join('\n')
}

const outcomes = new Map<string, Map<string, number>>()

/** Counts what was answered to an event. */
export function tally(event: string, outcome: string): void {
  if (!isSurvey) return
  const known = outcomes.get(event) ?? new Map<string, number>()
  outcomes.set(event, known.set(outcome, (known.get(outcome) ?? 0) + 1))
}

/** How often each event was done, and refused with which code: what is never done is not tried. */
export function tallies(): string {
  return [...outcomes].toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([event, counts]) => `${event}: ${[...counts].map(([outcome, count]) => `${outcome} ${count}`).join(', ')}`).join('\n')
}
