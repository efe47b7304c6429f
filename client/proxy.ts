// The client as its users see it: names that lead to events, and what it has beside them.
import type { CallOptions, Payload } from './calls.ts'
import { createEngine, type ClientOptions, type Engine } from './client.ts'
import { LiveQuery } from './live.ts'
import { eventOf, resourceOf } from './names.ts'

/** What a client has beside the app's own names. */
const ownMembers = ({ connection, calls, changes, onRightsChanged, onResync, close }: Engine) => ({
  state: connection.state,
  call: calls.call,
  onChanged: (listener: Parameters<typeof changes.listen>[1]) => changes.listen(undefined, listener),
  onRightsChanged,
  onResync,
  retry: () => connection.hurry(),
  close,
})

export type OwnMembers = ReturnType<typeof ownMembers>

const openList = (engine: Engine, path: readonly string[], query: Payload): LiveQuery<{ readonly id: string }> => {
  const { calls, connection, lists, echoes, abouts } = engine
  const { include = [] } = query as { readonly include?: readonly string[] }
  return new LiveQuery({
    event: eventOf([...path, 'list']), query, updating: path.length === 1 ? eventOf([...path, 'update']) : undefined,
    call: calls.call, moment: echoes.moment,
    isOnline: () => connection.wire !== undefined,
    enter: (moved) => lists.enter(moved, () => abouts.ofList(resourceOf(path), path[1], include)),
  })
}

/** The words that are no part of an event's name. */
const special = (engine: Engine, path: readonly string[]): ((...args: never) => unknown) | undefined => {
  const owner = path.slice(0, -1)
  const word = path.at(-1)
  if (word === 'live' && owner.length > 0) return (query: Payload = {}) => openList(engine, owner, query)
  if (word === 'onChanged' && owner.length === 1) {
    return (listener: Parameters<Engine['changes']['listen']>[1]) => engine.changes.listen(resourceOf(path), listener)
  }
  return undefined
}

/** What a name sends. One row by its id alone may be known already, or be read together with others. */
const sending = ({ calls, rows }: Engine, path: readonly string[]) => (payload: Payload = {}, options?: CallOptions): Promise<Payload> => {
  const { id, ...rest } = payload
  const isPlain = path.length === 2 && path[1] === 'get' && typeof id === 'string' && Object.keys(rest).length === 0
  return isPlain ? rows.get(resourceOf(path), id, options) : calls.call(eventOf(path), payload, options)
}

/** What every function has: a name that is printed, or bound, sends nothing. */
const ofFunctions: ReadonlySet<string> = new Set(['toString', 'valueOf', 'constructor', 'bind', 'call', 'apply', 'name', 'length'])

/** A name that can be called, and led on by further names. The same name is always the same object. */
const named = (engine: Engine, path: readonly string[]): object => {
  const further = new Map<string, object>()
  return new Proxy(special(engine, path) ?? sending(engine, path), {
    get(target, word) {
      if (typeof word === 'string' && ofFunctions.has(word)) return Reflect.get(target, word) as unknown
      // A name is not a promise, nor anything else that is looked for by such names.
      if (typeof word !== 'string' || word === 'then' || word === 'toJSON') return undefined
      const known = further.get(word) ?? named(engine, [...path, word])
      further.set(word, known)
      return known
    },
  })
}

/** A client whose names are whatever one likes: what they may be is a matter of types. */
export const createNames = (options: ClientOptions): object => {
  const engine = createEngine(options)
  const own = ownMembers(engine)
  const further = new Map<string | symbol, unknown>(Object.entries(own))
  return new Proxy(own, {
    get(_target, word) {
      if (further.has(word)) return further.get(word)
      if (typeof word !== 'string' || word === 'then' || word === 'toJSON') return undefined
      const found = named(engine, [word])
      further.set(word, found)
      return found
    },
  })
}
