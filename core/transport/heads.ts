// Where the feed is, for those who do not hear it from changes: while it is quiet, and those who hear of some changes or of none.
import type { Interest } from '../define/call.ts'
import type { Audience } from './audience.ts'

/** What can be told something. */
interface Hearer {
  emit(event: string, payload: object): unknown
}

export interface HeadsOptions {
  readonly audience: Pick<Audience, 'emit' | 'telling'>
  /** Those who may hear of no change. */
  readonly silent: Hearer
  /** The position up to which all have been told. */
  readonly pos: () => number
  /** Milliseconds after which it is told though nothing has happened. */
  readonly interval: number
  /** Milliseconds between two for those who want to hear nothing else. Source: docs/protocol.md §6. */
  readonly least?: number
}

export interface Heads {
  /** Those who hear of everything have just heard of something. */
  heard(): void
  /** All have been told up to a further position. Called in a tick in which nothing is being told. */
  moved(): void
  /** One who hears of some changes, or of none, begins at the present position. */
  greet(socket: Hearer, interest: Interest): void
  stop(): void
}

export const createHeads = ({ audience, silent, pos, interval, least = 1000 }: HeadsOptions): Heads => {
  let told = pos()
  let owed = false
  let resting: NodeJS.Timeout | undefined

  /** In the middle of a slice some have heard of what is beyond the position: it would lead them back. */
  const tell = async (isFor: (interest: Interest) => boolean): Promise<void> => {
    while (audience.telling) await audience.telling
    audience.emit('feed-head', { pos: pos() }, isFor)
  }

  /** To those who hear nothing else, unless that was done a moment ago: then it is done when its time has come. */
  const beat = (): void => {
    if (resting || audience.telling) return
    told = pos()
    owed = false
    audience.emit('feed-head', { pos: told }, ({ heads }) => heads)
    resting = setTimeout(() => {
      resting = undefined
      if (owed || pos() !== told) beat()
    }, least)
  }

  const quiet = setInterval(() => void tell(({ resources }) => resources === undefined), interval)
  // Those who hear of little of it are told also while the feed is busy.
  const steady = setInterval(() => {
    silent.emit('feed-head', { pos: pos() })
    beat()
    void tell(({ resources, heads }) => resources !== undefined && !heads)
  }, interval)

  return {
    heard: () => void quiet.refresh(),
    moved() {
      if (owed || pos() !== told) beat()
    },
    greet(socket, { resources, heads }) {
      if (heads) {
        owed = true
        beat()
      } else if (resources !== undefined) socket.emit('feed-head', { pos: pos() })
    },
    stop() {
      clearInterval(quiet)
      clearInterval(steady)
      clearTimeout(resting)
    },
  }
}
