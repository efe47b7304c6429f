// Which faults a storm has, when, and for how long: decided by the seed alone.
import type { Direction, Trouble } from '../proxy.ts'
import { randomOf } from './random.ts'

export type Fault =
  | { readonly kind: 'kill' | 'pause' | 'terminate'; readonly node: number }
  | {
    readonly kind: 'link'; readonly between: 'database' | 'clients'; readonly node: number
    readonly trouble: Trouble; readonly direction: Direction
  }
  | { readonly kind: 'database restart' }
  | { readonly kind: 'database pause' }

export interface Planned {
  readonly fault: Fault
  /** Milliseconds from the beginning. */
  readonly at: number
  /** Milliseconds. */
  readonly lasting: number
}

/** What must not be in two faults at once. */
export const targetOf = (fault: Fault): string =>
  fault.kind === 'link' ? `${fault.between} of ${fault.node}` : 'node' in fault ? `node ${fault.node}` : 'database'

export const nameOf = (fault: Fault): string =>
  fault.kind === 'link' ? `${fault.trouble} of the ${fault.between} link of node ${fault.node}, ${fault.direction}`
    : 'node' in fault ? `${fault.kind} of node ${fault.node}` : fault.kind

const kinds = ['kill', 'pause', 'terminate', 'database restart', 'database pause', 'database', 'clients', 'database', 'clients'] as const

/**
 * The faults of so many milliseconds. `nodes`: those that may suffer. Each kind comes once before any comes again, and at most every
 * `gap` milliseconds; a target is in one fault at a time.
 */
export const forecast = (
  seed: number, { nodes, duration, gap, longest }: Readonly<{ nodes: readonly number[]; duration: number; gap: number; longest: number }>,
): Planned[] => {
  const random = randomOf(seed, 'weather')
  const planned: Planned[] = []
  const free = new Map<string, number>()
  let left: (typeof kinds)[number][] = []
  for (let at = gap; at < duration; at += gap + random.whole(gap)) {
    if (left.length === 0) left = random.shuffle(kinds)
    const kind = left.pop() ?? 'kill'
    const node = random.pick(nodes)
    const fault: Fault = kind === 'database' || kind === 'clients' ? {
      kind: 'link', between: kind, node, trouble: random.pick(['cut', 'stall', 'blackhole'] as const),
      direction: random.pick(['both', 'up', 'down'] as const),
    } : kind === 'database restart' ? { kind } : kind === 'database pause' ? { kind } : { kind, node }
    const lasting = 300 + random.whole(longest - 300)
    const target = targetOf(fault)
    const from = Math.max(at, free.get(target) ?? 0)
    free.set(target, from + lasting + 500)
    planned.push({ fault, at: from, lasting })
  }
  return planned.toSorted((a, b) => a.at - b.at)
}
