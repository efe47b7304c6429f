// A small model of what scale costs, fitted to the points that `npm run growth -- listeners nodes` has measured: straight lines, no more.
// It predicts each point that it was made of, so that one sees how far to believe it. A model, never a measurement.

/** A cost at a count of listeners or nodes. */
export interface Measured {
  readonly at: number
  readonly cost: number
}

/** cost = base + slope × count. */
export interface Line {
  readonly base: number
  readonly slope: number
}

/**
 * The line with the least relative errors, squared; what costs less than nothing at 0 is said to cost nothing.
 * @throws with fewer than two points
 */
export const fit = (points: readonly Measured[]): Line => {
  const costs = points.filter(({ cost }) => cost > 0)
  if (new Set(costs.map(({ at }) => at)).size < 2) throw new Error('a line needs two points')
  let [weights, sumAt, sumCost, squares, products] = [0, 0, 0, 0, 0]
  for (const { at, cost } of costs) {
    const weight = 1 / cost ** 2
    weights += weight
    sumAt += weight * at
    sumCost += weight * cost
    squares += weight * at * at
    products += weight * at * cost
  }
  const slope = (weights * products - sumAt * sumCost) / (weights * squares - sumAt ** 2)
  const base = (sumCost - slope * sumAt) / weights
  return base >= 0 ? { base, slope } : { base: 0, slope: products / squares }
}

export const predict = ({ base, slope }: Line, at: number): number => base + slope * at

/** The processor time of each part for 1,000 updates, in milliseconds; what idle nodes cost the database, in milliseconds a second. */
export interface Model {
  /** Of the server that tells, by its listeners. */
  readonly telling: Line
  /** Kilobytes, by sockets. */
  readonly memory: Line
  /** Of the database, by nodes. */
  readonly database: Line
  /** Of all nodes that did not make the change together, by their number. */
  readonly fellows: Line
  readonly idle: Line
}

/** Frames that one core of a server can send in a second, once there are so many listeners that nothing else counts. */
export const deliveries = ({ telling }: Model): number => 1_000_000 / telling.slope

/** Updates a second that one core of each server can tell so many listeners of. */
export const updatesTold = ({ telling }: Model, listeners: number): number => 1_000_000 / predict(telling, listeners)

/** Nodes at which so many cores of a database have nothing left, with so many updates a second by all nodes together. */
export const nodesUntilFull = ({ database, idle }: Model, updates: number, cores: number): number => {
  const [atNone, each] = [idle.base + (updates / 1000) * database.base, idle.slope + (updates / 1000) * database.slope]
  return each <= 0 ? Number.POSITIVE_INFINITY : Math.max(0, Math.floor((cores * 1000 - atNone) / each))
}
