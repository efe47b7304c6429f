// A live list of the client in a component: opened with it, closed with it, and shown again only when something in it has changed.
import { useLayoutEffect, useState } from 'preact/hooks'
import type { LiveState } from '../../../../client/index.ts'
import { liveList, type Payload, type Row } from './state.ts'

const loading: LiveState<Row> = { status: 'loading', items: [], total: 0, page: 1, limit: 0 }

export interface Shown extends LiveState<Row> {
  readonly refresh: () => void
}

/**
 * `path`: a resource, or one with a relation. While another page or search is read, what was there stays on the screen.
 * `query` undefined: nothing is asked.
 */
export const useLiveList = (path: readonly string[], query: Payload | undefined): Shown => {
  const key = JSON.stringify([path, query])
  const [shown, setShown] = useState<{ readonly owner: string; readonly state: LiveState<Row>; readonly refresh: () => void }>({
    owner: '',
    state: loading,
    refresh: () => undefined,
  })
  // Asked before the empty list is painted, not after.
  useLayoutEffect(() => {
    if (query === undefined) return
    const list = liveList(path, query)
    const refresh = (): void => list.refresh()
    const owner = path.join('.')
    const show = (state: LiveState<Row>): void =>
      setShown((before) => {
        const keeps = state.status === 'loading' && before.owner === owner && before.state.items.length > 0
        return { owner, refresh, state: keeps ? { ...before.state, status: 'loading' } : state }
      })
    show(list.current)
    const stop = list.subscribe(show)
    return () => {
      stop()
      list.close()
    }
  }, [key])
  return { ...shown.state, refresh: shown.refresh }
}
