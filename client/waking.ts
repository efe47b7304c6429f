// Signs that the network may be back, or that this machine has slept: then one does not wait, and asks whether the server is still there.
import { later } from './time.ts'

/** Milliseconds: how often it is looked whether time has jumped, and by how much. */
const look = { every: 5000, jump: 10_000 }

/** Calls when there is a reason to look at the connection. @returns what ends it */
export const watchWaking = (wake: () => void): (() => void) => {
  const page = globalThis as Partial<Pick<Window, 'addEventListener' | 'removeEventListener' | 'document'>>
  const isShown = (): void => void (page.document?.visibilityState === 'visible' && wake())
  page.addEventListener?.('online', wake)
  page.addEventListener?.('pageshow', wake)
  page.document?.addEventListener('visibilitychange', isShown)
  let last = Date.now()
  let stop = (): void => undefined
  // Timers stand still while a machine sleeps, and a tab in the background has slow ones.
  const tick = (): void => {
    const now = Date.now()
    if (now - last > look.every + look.jump) wake()
    last = now
    stop = later(tick, look.every)
  }
  tick()
  return () => {
    stop()
    page.removeEventListener?.('online', wake)
    page.removeEventListener?.('pageshow', wake)
    page.document?.removeEventListener('visibilitychange', isShown)
  }
}
