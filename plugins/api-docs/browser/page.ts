// The page of the API: what is at hand to choose, what is looked for, and what is shown.
import { askedView, emittedView, rowView, startView } from './view.ts'
import { announce, h } from './dom.ts'
import { base, type Session } from './ask.ts'
import { readApi, type Api, type Document } from './described.ts'

/** What can be chosen. */
interface Entry {
  readonly place: string
  readonly name: string
  readonly group: string
  /** What a search looks in. */
  readonly text: string
}

const entriesOf = ({ asked, emitted, rows }: Api): Entry[] => [
  ...asked.map(({ event, group, about, marks: { keys } }) =>
    ({ place: event, name: event, group, text: [event, about, ...keys].join(' ').toLowerCase() })),
  ...emitted.map(({ event, about }) => ({ place: event, name: event, group: 'Emitted', text: `${event} ${about}`.toLowerCase() })),
  ...[...rows.keys()].map((name) => ({ place: `row-${name}`, name, group: 'Rows', text: `row ${name}` })),
]

const element = <T extends Element>(selector: string, kind: new () => T): T => {
  const found = document.querySelector(selector)
  if (!(found instanceof kind)) throw new Error(`The page has no ${selector}`)
  return found
}

const placeNow = (): string => decodeURIComponent(location.hash.slice(1))

/** The list of all that there is, with what a search leaves of it. */
const fillList = (api: Api): void => {
  const list = element('#list', HTMLElement)
  const search = element('#search', HTMLInputElement)
  const count = element('#count', HTMLElement)
  const entries = entriesOf(api)
  const show = (): void => {
    const words = search.value.toLowerCase().split(/\s+/).filter((word) => word !== '')
    const found = entries.filter(({ text }) => words.every((word) => text.includes(word)))
    const here = placeNow()
    const groups = [...new Set(found.map(({ group }) => group))]
    list.replaceChildren(...groups.map((group) => h('section', { 'aria-label': group },
      h('h2', {}, group),
      h('ul', {}, ...found.filter((entry) => entry.group === group).map(({ place, name }) =>
        h('li', {}, h('a', { href: `#${place}`, ...(place === here ? { 'aria-current': 'page' } : {}) }, name)))))))
    count.textContent = words.length === 0 ? '' : found.length === 0 ? 'Nothing is called so' : `${found.length} found`
  }
  search.addEventListener('input', show)
  search.addEventListener('keydown', (event) => {
    if (event.key === 'Enter') list.querySelector('a')?.click()
    if (event.key !== 'Escape') return
    search.value = ''
    show()
  })
  addEventListener('hashchange', show)
  show()
}

/** What is chosen, shown. */
const fillContent = (api: Api, session: Session): void => {
  const content = element('#content', HTMLElement)
  const viewOf = (place: string): HTMLElement | undefined => {
    const asked = api.asked.find(({ event }) => event === place)
    if (asked) return askedView(asked, api, session)
    const emitted = api.emitted.find(({ event }) => event === place)
    if (emitted) return emittedView(emitted)
    const name = place.startsWith('row-') ? place.slice('row-'.length) : ''
    const schema = api.rows.get(name)
    return schema && rowView(name, schema, api)
  }
  const show = (): void => {
    const place = placeNow()
    const view = viewOf(place)
    content.replaceChildren(view ?? startView(api))
    document.title = view ? `${place.replace(/^row-/, 'Row of ')} – ${api.title} API` : `${api.title} API`
    // Who follows a link reads on at its target; the list on a small screen gives way to it.
    element('#menu', HTMLDetailsElement).open = matchMedia('(min-width: 60rem)').matches
    scrollTo(0, 0)
    if (place !== '') element('#title', HTMLElement).focus({ preventScroll: true })
  }
  addEventListener('hashchange', show)
  show()
}

/** The token that events are tried with. */
const openSession = (): Session => {
  const input = element('#token', HTMLInputElement)
  const state = element('#session', HTMLElement)
  const session: Session = {
    token: '',
    onToken: () => {
      input.value = session.token
      state.textContent = session.token === '' ? 'No token' : 'Token given'
    },
  }
  input.form?.addEventListener('submit', (event) => event.preventDefault())
  input.addEventListener('input', () => {
    session.token = input.value.trim()
    state.textContent = session.token === '' ? 'No token' : 'Token given'
  })
  return session
}

/** `/` leads to the search from anywhere but a field. */
const listenToKeys = (): void => addEventListener('keydown', (event) => {
  const isTyping = event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement
  if (event.key !== '/' || isTyping || event.ctrlKey || event.metaKey || event.altKey) return
  event.preventDefault()
  element('#menu', HTMLDetailsElement).open = true
  element('#search', HTMLInputElement).focus()
})

const start = async (): Promise<void> => {
  const response = await fetch(`${base()}/asyncapi.json`)
  if (!response.ok) throw new Error(`the description is answered with ${response.status}`)
  // The server's own document, in the form that it is made in.
  const api = readApi((await response.json()) as Document)
  element('#version', HTMLElement).textContent = api.version
  fillList(api)
  fillContent(api, openSession())
  listenToKeys()
}

start().catch((error: unknown) => {
  const said = `The page cannot be shown: ${error instanceof Error ? error.message : String(error)}`
  element('#content', HTMLElement).replaceChildren(h('p', { class: 'fault', role: 'alert' }, said))
  announce(said)
})
