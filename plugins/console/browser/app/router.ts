// Addresses: the path and query as signals, changed by links and by the browser's own buttons.
import { signal } from '@preact/signals'
import { start } from './state.ts'

export interface Place {
  /** Below the console's own path: `/resources/site`. */
  readonly path: string
  readonly query: URLSearchParams
}

/** Where mails lead to stands beside the console if that has a path of its own. */
const below = (path: string): string => (path === start || path.startsWith(`${start}/`) ? path.slice(start.length) : path)

const now = (): Place => ({
  path: below(location.pathname).replace(/(?<=.)\/+$/, '') || '/',
  query: new URLSearchParams(location.search),
})

export const place = signal(now())

/** Asked before one leaves a page; false: stay. */
let mayLeave: (() => boolean) | undefined
/** Has `ask` asked before the page is left, until what it returns is called. */
export const guardLeaving = (ask: () => boolean): (() => void) => {
  mayLeave = ask
  const unload = (event: BeforeUnloadEvent): void => {
    if (!ask()) event.preventDefault()
  }
  addEventListener('beforeunload', unload)
  return () => {
    removeEventListener('beforeunload', unload)
    if (mayLeave === ask) mayLeave = undefined
  }
}

export const hrefOf = (path: string): string => `${start}${path}`

interface Way {
  /** In place of the present entry of the history. */
  readonly replace?: boolean
}

export const go = (path: string, { replace = false }: Way = {}): void => {
  const isSamePage = path.split('?')[0] === place.value.path
  if (!isSamePage && mayLeave && !mayLeave()) return
  if (!isSamePage) mayLeave = undefined
  history[replace ? 'replaceState' : 'pushState']({}, '', hrefOf(path))
  place.value = now()
  if (!isSamePage) scrollTo(0, 0)
}

/** Changes the query of this page: a search, a filter, a page of a list. Undefined takes a name out. */
export const goQuery = (change: Readonly<Record<string, string | undefined>>, way?: Way): void => {
  const query = new URLSearchParams(place.value.query)
  for (const [name, value] of Object.entries(change)) {
    if (value === undefined || value === '') query.delete(name)
    else query.set(name, value)
  }
  const text = query.toString()
  go(`${place.value.path}${text === '' ? '' : `?${text}`}`, way)
}

export const listenToHistory = (): void => {
  addEventListener('popstate', () => {
    place.value = now()
  })
  // Links are links: they open in another tab as any, and go by the history otherwise.
  addEventListener('click', (event) => {
    if (event.defaultPrevented || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return
    const link = event.target instanceof Element ? event.target.closest('a') : null
    if (!link || link.target !== '' || link.hasAttribute('download') || link.origin !== location.origin) return
    const isOurs = link.dataset['route'] !== undefined
    if (!isOurs) return
    event.preventDefault()
    go(`${below(link.pathname)}${link.search}`)
  })
}

/** `/resources/:resource/:id` → what stands in its place; undefined: another path. */
export const match = (pattern: string, path: string): Readonly<Record<string, string>> | undefined => {
  const [want, have] = [pattern.split('/'), path.split('/')]
  if (want.length !== have.length) return undefined
  const found: Record<string, string> = {}
  for (const [index, part] of want.entries()) {
    const given = have[index] ?? ''
    if (part.startsWith(':')) found[part.slice(1)] = decodeURIComponent(given)
    else if (part !== given) return undefined
  }
  return found
}
