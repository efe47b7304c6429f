// A live list in React. Only those who import this file need React; it is a peer.
import { useCallback, useMemo, useSyncExternalStore } from 'react'
import type { LiveList } from './live.ts'
import type { LiveState } from './live-state.ts'

/** What a list shows, and the list itself: for its `update` and `refresh`. */
export type Live<Row, Update, Updated> = LiveState<Row> & { readonly list: LiveList<Row, Update, Updated> }

/**
 * `const { items, total, list } = useLive(() => client.site.live({ search }), [client, search])`. The list is read as long as a component
 * shows it, and another one is opened when something in `dependencies` has changed.
 */
export const useLive = <Row, Update, Updated>(
  open: () => LiveList<Row, Update, Updated>, dependencies: readonly unknown[],
): Live<Row, Update, Updated> => {
  const list = useMemo(open, dependencies)
  const subscribe = useCallback((listener: () => void) => list.subscribe(listener), [list])
  const now = (): LiveState<Row> => list.current
  const state = useSyncExternalStore(subscribe, now, now)
  return useMemo(() => ({ ...state, list }), [state, list])
}
