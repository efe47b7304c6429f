// Trying an event: its payload is sent over HTTP, with the token that was given to this page.
import { announce, copyButton, h } from './dom.ts'
import type { Asked } from './described.ts'
import { snippetsOf, type Snippet } from './snippets.ts'

/** What this page knows of who asks. It is kept in memory, for as long as the page is open. */
export interface Session {
  token: string
  /** Told when the token was taken from a reply. */
  onToken: () => void
}

/** Where the API is: this page stands beside it, below whatever a proxy puts before. */
export const base = (): string => new URL('.', location.href).href.replace(/\/$/, '')

interface Answer {
  readonly status: string
  readonly isGood: boolean
  readonly text: string
  readonly token: string | undefined
}

const tokenIn = (body: unknown): string | undefined => {
  const found: unknown = typeof body === 'object' && body !== null && 'accessToken' in body ? body.accessToken : undefined
  return typeof found === 'string' ? found : undefined
}

const send = async (asked: Asked, body: string, token: string): Promise<Answer> => {
  try {
    const response = await fetch(`${base()}/api/${asked.event}`, {
      method: 'POST', body,
      headers: { 'content-type': 'application/json', ...(token === '' || asked.marks.public ? {} : { authorization: `Bearer ${token}` }) },
    })
    const reply: unknown = await response.json()
    return {
      status: `${response.status} ${response.statusText}`, isGood: response.ok, text: JSON.stringify(reply, null, 2), token: tokenIn(reply),
    }
  } catch (error) {
    return { status: 'No answer', isGood: false, text: error instanceof Error ? error.message : String(error), token: undefined }
  }
}

/** The forms that an event is asked in, one shown at a time. */
const snippetTabs = (snippets: () => readonly Snippet[]): { readonly element: HTMLElement; readonly renew: () => void } => {
  let chosen = 0
  const code = h('code')
  const tabs = snippets().map(({ name }, index) => h('button', {
    type: 'button', role: 'tab', id: `tab-${index}`, 'aria-controls': 'snippet', onclick: () => choose(index),
    onkeydown: (event) => move(event, index),
  }, name))
  const choose = (index: number): void => {
    chosen = index
    for (const [at, tab] of tabs.entries()) {
      tab.setAttribute('aria-selected', String(at === index))
      tab.tabIndex = at === index ? 0 : -1
    }
    renew()
  }
  const move = (event: Event, index: number): void => {
    const step = event instanceof KeyboardEvent ? { ArrowRight: 1, ArrowLeft: -1 }[event.key] : undefined
    if (step === undefined) return
    const next = (index + step + tabs.length) % tabs.length
    choose(next)
    tabs[next]?.focus()
  }
  const renew = (): void => { code.textContent = snippets()[chosen]?.text ?? '' }
  const element = h('div', { class: 'snippets' },
    h('div', { class: 'bar' },
      h('div', { role: 'tablist', 'aria-label': 'How it is asked' }, ...tabs), copyButton('code', () => code.textContent)),
    h('pre', { id: 'snippet', role: 'tabpanel', tabindex: '0', 'aria-label': 'Code' }, code))
  choose(0)
  return { element, renew }
}

const parse = (text: string): { readonly value: unknown; readonly fault: string } => {
  try {
    return { value: JSON.parse(text) as unknown, fault: '' }
  } catch {
    return { value: {}, fault: 'This is not JSON yet' }
  }
}

/** The payload to edit, the code for it, and the button that sends it. */
export const askForm = (asked: Asked, session: Session): HTMLElement[] => {
  const text = JSON.stringify(asked.example.payload ?? {}, null, 2)
  const rows = String(Math.min(14, text.split('\n').length + 1))
  const input = h('textarea', { id: 'payload', rows, spellcheck: 'false', autocapitalize: 'off', 'aria-describedby': 'fault' }, text)
  const fault = h('p', { id: 'fault', class: 'fault', role: 'status' })
  const { element, renew } = snippetTabs(() => snippetsOf(asked, parse(input.value).value, base()))
  input.addEventListener('input', () => {
    fault.textContent = parse(input.value).fault
    renew()
  })
  const answer = h('div', { class: 'answer' })
  const show = ({ status, isGood, text: body, token }: Answer): void => {
    const use = token === undefined ? undefined : h('button', { type: 'button', onclick: () => {
      session.token = token
      session.onToken()
      announce('The token is used from now on')
    } }, 'Use this token')
    answer.replaceChildren(
      h('div', { class: 'bar' }, h('strong', { class: isGood ? 'good' : 'bad' }, status), use, copyButton('reply', () => body)),
      h('pre', { tabindex: '0', 'aria-label': 'Reply' }, h('code', {}, body)))
    announce(`Answered: ${status}`)
  }
  const isOpen = asked.marks.public || session.token !== ''
  const button = h('button', { type: 'submit', class: 'main' }, 'Send')
  const form = h('form', { onsubmit: (event) => {
    event.preventDefault()
    button.disabled = true
    send(asked, input.value, session.token).then(show, () => undefined).finally(() => { button.disabled = false })
  } },
  h('label', { for: 'payload' }, 'Payload'), input, fault,
  ...(asked.marks.socketOnly
    ? [h('p', {}, 'It is answered on a socket only, so that this page cannot send it.')]
    : [h('p', { class: 'send' }, button, isOpen ? '' : ' Without a token it is refused: give one above.')]))
  return [h('h2', {}, 'Ask'), element, h('h2', {}, 'Try'), form, answer]
}
