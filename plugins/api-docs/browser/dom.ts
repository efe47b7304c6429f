// Making elements: text only ever becomes text, so that nothing that is shown can act.

type Child = Node | string | undefined

/** Attributes by name; a function is a listener: `onclick`. */
type Attributes = Readonly<Record<string, string | boolean | ((event: Event) => void) | undefined>>

/** An element with its attributes and children. */
export const h = <N extends keyof HTMLElementTagNameMap>(
  name: N, attributes: Attributes = {}, ...children: readonly Child[]
): HTMLElementTagNameMap[N] => {
  const element = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(key.slice(2), value)
    else if (value === true) element.setAttribute(key, '')
    else if (typeof value === 'string') element.setAttribute(key, value)
  }
  element.append(...children.filter((child) => child !== undefined))
  return element
}

/** A sentence with its code in backticks and links as `[name](#place)`. */
export const inline = (text: string): (Node | string)[] =>
  text.split(/(`[^`]+`|\[[^\]]+\]\(#[\w.-]+\))/).filter((part) => part !== '').map((part) => {
    const [, code] = /^`([^`]+)`$/.exec(part) ?? []
    if (code !== undefined) return h('code', {}, code)
    const [, name, place] = /^\[([^\]]+)\]\(#([\w.-]+)\)$/.exec(part) ?? []
    return name === undefined || place === undefined ? part : h('a', { href: `#${place}` }, name)
  })

type Cell = readonly (Node | string)[]

/** A table with a head, which is called `name`; nothing where it has no rows. */
export const table = (name: string, head: readonly string[], rows: readonly (readonly Cell[])[]): HTMLElement | undefined =>
  (rows.length === 0 ? undefined : h('div', { class: 'wide', tabindex: '0', role: 'region', 'aria-label': name }, h('table', {},
    h('thead', {}, h('tr', {}, ...head.map((cell) => h('th', { scope: 'col' }, cell)))),
    h('tbody', {}, ...rows.map((cells) => h('tr', {}, ...cells.map((cell) => h('td', {}, ...cell))))))))

/** Says to those who do not see it what has just happened. */
export const announce = (text: string): void => {
  const place = document.querySelector('#said')
  if (place) place.textContent = text
}

/** A button that copies a text. */
export const copyButton = (what: string, text: () => string): HTMLButtonElement => {
  const button = h('button', { type: 'button', class: 'copy', 'aria-label': `Copy ${what}` }, 'Copy')
  button.addEventListener('click', () => {
    const done = (said: string): void => {
      button.textContent = said
      announce(`${what}: ${said}`)
      setTimeout(() => { button.textContent = 'Copy' }, 1500)
    }
    // Only pages that came over HTTPS, or from this machine, may copy.
    const copied = 'clipboard' in navigator ? navigator.clipboard.writeText(text()) : Promise.reject(new Error('no clipboard'))
    copied.then(() => done('Copied'), () => done('Not allowed'))
  })
  return button
}
