// Plays random steps and compares each live list with a fresh one: rows, order, total, page, and the error where it is refused.
import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { SovraneError } from '../../../client/index.ts'
import { randomOf } from '../../faults/storm/random.ts'
import { patience } from '../../kit/wait.ts'
import { createSteps } from './steps.ts'
import type { Watched, World } from './world.ts'

/** What a list shows, in the form of a reply. The cursor of the next page is sealed anew each time. */
const shown = ({ list: { current } }: Pick<Watched, 'list'>): object => (current.error
  ? { error: current.error.code }
  : { items: current.items, total: current.total, page: current.page, limit: current.limit, more: current.next !== undefined })

const fresh = async ({ fresh: ask }: Watched): Promise<object> => {
  try {
    const { items, total, page, limit, next } = await ask()
    return { items, total, page, limit, more: next !== undefined }
  } catch (error) {
    if (error instanceof SovraneError) return { error: error.code }
    throw error
  }
}

/** The lists that do not come to be what a fresh one is, with both. */
export const differing = async (lists: readonly Watched[], wait = patience): Promise<string[]> => {
  const deadline = Date.now() + wait
  let left = lists
  for (;;) {
    const compared = await Promise.all(left.map(async (each) => ({ each, asked: await fresh(each) })))
    const wrong = compared.filter(({ each, asked }) => !isDeepStrictEqual(JSON.parse(JSON.stringify(shown(each))), asked))
    if (wrong.length === 0) return []
    if (Date.now() > deadline) {
      return wrong.map(({ each, asked }) =>
        `${each.name}\n  shows (${each.list.current.status}) ${JSON.stringify(shown(each))}\n  fresh ${JSON.stringify(asked)}`)
    }
    left = wrong.map(({ each }) => each)
    await sleep(20)
  }
}

export interface Play {
  readonly seed: number
  readonly steps: number
  /** Steps between two comparisons, at most. */
  readonly between?: number
}

export interface Played {
  readonly compared: number
  /** What those whose rights change have been shown: a play in which they see everything, or nothing, would prove little. */
  readonly shown: ReadonlySet<'rows' | 'nothing' | 'refused'>
}

/** @throws Error with the seed, the last steps and what differs */
export const play = async (world: World, stage: string, { seed, steps, between = 20 }: Play): Promise<Played> => {
  const seen = new Set<'rows' | 'nothing' | 'refused'>()
  const random = randomOf(seed, 'steps')
  const next = createSteps(world, random, stage)
  const last: string[] = []
  let compared = 0
  let until = 0
  for (let number = 0; number < steps; number += 1) {
    const step = next()
    last.push(step.what)
    await step.run()
    if (number < until && number < steps - 1) continue
    // Often after one step alone: among many, the one hides what the other should have told.
    until = number + (random.chance(0.4) ? 1 : random.whole(between))
    const wrong = await differing(world.lists)
    compared += world.lists.length
    for (const { by, list: { current: { error, items } } } of world.lists) {
      if (by === world.scoped.session) seen.add(error ? 'refused' : items.length > 0 ? 'rows' : 'nothing')
    }
    if (wrong.length > 0) {
      const steps = last.slice(-between).join('\n  ')
      throw new Error(`seed ${seed}, step ${number}: ${wrong.length} lists differ after\n  ${steps}\n${wrong.join('\n')}`)
    }
  }
  return { compared, shown: seen }
}
