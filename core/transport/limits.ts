// How many requests a second: per socket, actor and address, counted in this node's memory. Source: docs/protocol.md §8.
import { networkOf } from './address.ts'

/** Who asks. What is unknown is not counted. */
export interface Asker {
  /** Stands for the transport, whatever namespaces are on it. */
  readonly transport?: object
  readonly actor?: string | undefined
  readonly address?: string | undefined
}

export interface Limits {
  /** Counts a request. The seconds after which it may be made again; undefined: it may go on. */
  take(asker: Asker): number | undefined
}

interface Bucket {
  tokens: number
  at: number
}

interface Store {
  get(key: string): Bucket | undefined
  set(key: string, bucket: Bucket): unknown
}

/** The least recently used key is forgotten: it starts with a full bucket again. */
const recent = (most: number): Store => {
  const kept = new Map<string, Bucket>()
  return {
    get: (key) => kept.get(key),
    set(key, bucket) {
      kept.delete(key)
      kept.set(key, bucket)
      const [oldest] = kept.keys()
      if (kept.size > most && oldest !== undefined) kept.delete(oldest)
    },
  }
}

const most = 20_000
/** Seconds of its rate that a bucket holds. */
const burst = 2

/** `perSecond`: for one socket; a actor has three times, an address ten times as many; 0: no limit. `now`: seconds. */
export const createLimits = (perSecond: number, now = (): number => performance.now() / 1000): Limits => {
  if (perSecond === 0) return { take: () => undefined }
  const transports = new WeakMap<object, Bucket>()
  const [actors, addresses] = [recent(most), recent(most)]

  const filled = (known: Bucket | undefined, rate: number, time: number): Bucket =>
    known ? { tokens: Math.min(rate * burst, known.tokens + (time - known.at) * rate), at: time } : { tokens: rate * burst, at: time }

  return {
    take({ transport, actor, address }) {
      const time = now()
      const found: { readonly bucket: Bucket; readonly rate: number }[] = []
      const look = (known: Bucket | undefined, rate: number, keep: (bucket: Bucket) => void): void => {
        const bucket = filled(known, rate, time)
        keep(bucket)
        found.push({ bucket, rate })
      }
      if (transport) look(transports.get(transport), perSecond, (bucket) => transports.set(transport, bucket))
      if (actor !== undefined) look(actors.get(actor), perSecond * 3, (bucket) => actors.set(actor, bucket))
      if (address !== undefined) {
        const network = networkOf(address)
        look(addresses.get(network), perSecond * 10, (bucket) => addresses.set(network, bucket))
      }
      const wait = Math.max(0, ...found.map(({ bucket, rate }) => (1 - bucket.tokens) / rate))
      // What is refused costs nothing further: a client that waits as told is answered.
      if (wait > 0) return Math.max(1, Math.ceil(wait))
      for (const { bucket } of found) bucket.tokens -= 1
      return undefined
    },
  }
}
