// What is asked of every page that people read: enough contrast, and a name for every control. Each runs within the page.

/** Texts whose contrast with what is behind them is under 4.5 : 1 (WCAG 2.2, 1.4.3). */
export const contrastFaults = (): string[] => {
  type Colour = readonly [number, number, number, number]
  const read = (text: string): Colour => {
    const [r = 0, g = 0, b = 0, a = 1] = (text.match(/[\d.]+/g) ?? []).map(Number)
    return [r, g, b, a]
  }
  const light = ([r, g, b]: Colour): number => {
    const [red = 0, green = 0, blue = 0] = [r, g, b].map((each) => {
      const part = each / 255
      return part <= 0.040_45 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
  }
  const behind = (element: Element | null): Colour => {
    for (let at = element; at; at = at.parentElement) {
      const colour = read(getComputedStyle(at).backgroundColor)
      if (colour[3] === 1) return colour
    }
    return matchMedia('(prefers-color-scheme: dark)').matches ? [0, 0, 0, 1] : [255, 255, 255, 1]
  }
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  const found: string[] = []
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement
    if (!element?.checkVisibility() || (node.textContent ?? '').trim() === '' || element.closest('noscript, .unseen, .skip')) continue
    const [a, b] = [light(read(getComputedStyle(element).color)), light(behind(element))]
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
    if (ratio < 4.5) found.push(`${(node.textContent ?? '').trim().slice(0, 40)}: ${ratio.toFixed(2)}`)
  }
  return found
}

/** Controls that a reader of the page by ear could not tell. */
export const namelessControls = (): string[] =>
  [...document.querySelectorAll<HTMLElement>('a, button, input, textarea, select, summary')].filter((control) => {
    const labels = 'labels' in control ? [...(control.labels as NodeListOf<HTMLElement> | null) ?? []] : []
    const texts = [control.getAttribute('aria-label'), control.textContent, ...labels.map((label) => label.textContent)]
    return texts.every((text) => (text ?? '').trim() === '')
  }).map((control) => control.outerHTML.slice(0, 80))
