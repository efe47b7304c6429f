// One question for all who ask at a time: thousands that connect at once cost the database a few statements.

/** A question is about so many at most; as many as sockets are reviewed at once. */
const most = 500

interface Waiting<K, V> {
  readonly key: K
  readonly resolve: (value: V) => void
  readonly reject: (error: unknown) => void
}

/**
 * Asks for one what can be asked for many, in the order of the keys. Who comes while a question is under way is in the next one: no answer
 * is older than its request. What the question throws, all of it are told.
 */
export const batched = <K, V>(askAll: (keys: readonly K[]) => Promise<readonly V[]>): ((key: K) => Promise<V>) => {
  let waiting: Waiting<K, V>[] = []
  let asking = false

  const next = async (): Promise<void> => {
    const [batch, later] = [waiting.slice(0, most), waiting.slice(most)]
    waiting = later
    try {
      const answers = await askAll(batch.map(({ key }) => key))
      for (const [index, { resolve }] of batch.entries()) resolve(answers[index] as V)
    } catch (error) {
      for (const { reject } of batch) reject(error)
    }
  }
  const drain = async (): Promise<void> => {
    asking = true
    // Those who ask within this turn are in the first one.
    await Promise.resolve()
    while (waiting.length > 0) await next()
    asking = false
  }
  return (key) => new Promise((resolve, reject) => {
    waiting.push({ key, resolve, reject })
    if (!asking) void drain()
  })
}
