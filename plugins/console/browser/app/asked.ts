// What an event answers, in a component: asked again when the payload changes, and when a row of those resources does.
import { useEffect, useRef, useState } from 'preact/hooks'
import type { SovraneError } from '../../../../client/index.ts'
import { ask, asError, client, type Payload } from './state.ts'

interface Asked<Reply> {
  /** The last one, also while the next is under way. */
  readonly reply: Reply | undefined
  readonly error: SovraneError | undefined
  readonly isLoading: boolean
  readonly again: () => void
}

interface Follow {
  /** Resources, whose changes make the answer another one. */
  readonly changes?: readonly string[]
  /** Seconds: what no one is told of is asked for again, while the page is seen. */
  readonly every?: number
}

/** Milliseconds: many changes at once are one question. */
const calm = 150

/** `payload` undefined: nothing is asked. */
export const useAsked = <Reply>(event: string, payload: Payload | undefined, { changes = [], every }: Follow = {}): Asked<Reply> => {
  const [state, setState] = useState<Omit<Asked<Reply>, 'again'>>({ reply: undefined, error: undefined, isLoading: true })
  const [round, setRound] = useState(0)
  const key = JSON.stringify([event, payload])
  const asked = useRef('')
  useEffect(() => {
    if (payload === undefined) return
    const stop = new AbortController()
    // A page that asks again by itself does not flicker.
    if (asked.current !== key) setState((before) => ({ ...before, isLoading: true }))
    asked.current = key
    ask<Reply>(event, payload, stop.signal).then(
      (reply) => setState({ reply, error: undefined, isLoading: false }),
      (thrown: unknown) => {
        const error = asError(thrown)
        if (error.code !== 'aborted') setState((before) => ({ ...before, error, isLoading: false }))
      },
    )
    return () => stop.abort()
  }, [key, round])
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const again = (): void => setRound((now) => now + 1)
    const stops = [
      client.onRightsChanged(again),
      client.onChanged(({ resource }) => {
        if (!changes.includes(resource)) return
        clearTimeout(timer)
        timer = setTimeout(again, calm)
      }),
    ]
    const tick = every === undefined ? undefined : setInterval(() => {
      if (document.visibilityState === 'visible') again()
    }, every * 1000)
    return () => {
      clearTimeout(timer)
      clearInterval(tick)
      for (const stop of stops) stop()
    }
  }, [key])
  return { ...state, again: () => setRound((now) => now + 1) }
}
