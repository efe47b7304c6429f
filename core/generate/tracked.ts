// Steps that have changes heard, and that take what hears them off again.
import type { Tracking } from '../schema/tracking.ts'
import { literal, quoted, step, type Step } from './code.ts'

const call = (name: string, table: string, options: object): string => `await ${name}(knex, ${quoted(table)}, ${literal(options)})`

const made = (table: string, tracking: Tracking): string => {
  switch (tracking.kind) {
    case 'rows': return call('trackChanges', table, { resource: tracking.resource, ...(tracking.scope ? { scope: true } : {}) })
    case 'touch': {
      const { owner, by, when } = tracking
      return call('touchOwner', table, { owner, by, ...(when === undefined ? {} : { when }) })
    }
    case 'announce': return call('announce', table, { topic: tracking.topic, id: tracking.id })
    default: throw new Error(`Unknown tracking ${JSON.stringify(tracking satisfies never)}`)
  }
}

const undone = (table: string, tracking: Tracking, isScopeOnly: boolean): string => {
  switch (tracking.kind) {
    case 'rows': return isScopeOnly ? call('untrackChanges', table, { only: 'scope' }) : `await untrackChanges(knex, ${quoted(table)})`
    case 'touch': return call('untouchOwner', table, { owner: tracking.owner, by: tracking.by })
    case 'announce': return call('unannounce', table, { topic: tracking.topic })
    default: throw new Error(`Unknown tracking ${JSON.stringify(tracking satisfies never)}`)
  }
}

/** Has changes heard. */
export const trackingStep = (table: string, tracking: Tracking, lacks: 'all' | 'scope'): Step =>
  step(made(table, tracking), undone(table, tracking, lacks === 'scope'))

/** Has them heard no longer: in no way, or only not as rows to which grants can be limited. */
export const untrackingStep = (table: string, tracking: Tracking, what: 'all' | 'scope'): Step =>
  step(undone(table, tracking, what === 'scope'), made(table, tracking))
