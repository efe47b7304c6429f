// A live list, or the state of a client, as a signal of whatever library: its `signal` is given, so that this needs none.
import type { Observable } from './observable.ts'

/**
 * `const [sites, stop] = signalOf(client.site.live(), signal)`: `sites.value` follows the list until `stop` is called.
 * @param signal makes a signal of an initial value, such as that of `@preact/signals-core`
 */
export const signalOf = <T, S extends { value: T }>(source: Observable<T>, signal: (initial: T) => S): readonly [S, () => void] => {
  const made = signal(source.current)
  const stop = source.subscribe((value) => {
    made.value = value
  })
  return [made, stop]
}
