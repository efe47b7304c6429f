// A plugin that adds a screen with its entry in the menu, and a widget of a field.
import { definePlugin } from '#sovrane'
import { consolePlugin, consoleScreen, consoleWidget } from '../../../plugins/console/index.ts'

const module = `
export const screen = (element, { ask, onChanged }) => {
  const show = async () => {
    const { total } = await ask('site-list-request', { limit: 1 })
    element.textContent = 'Sites: ' + total
  }
  void show()
  return onChanged(({ resource }) => resource === 'site' && void show())
}
export const widget = (element, { id, value, disabled, onChange }) => {
  const input = Object.assign(document.createElement('input'), { id, value: value ?? '', disabled })
  input.addEventListener('input', () => onChange(input.value.toUpperCase()))
  element.append(input)
  return { update: (next) => { input.value = next ?? '' }, remove: () => input.remove() }
}`

export const hello = definePlugin({
  name: 'hello',
  requires: { consolePlugin },
  setup: () => ({
    files: [{ path: '/hello/console.js', type: 'text/javascript; charset=utf-8', content: () => module }],
    provides: [
      consoleScreen.of({ path: '/hello', label: { en: 'Hello', fr: 'Bonjour' }, needs: 'site-list-request', module: '/hello/console.js' }),
      consoleWidget.of({ field: 'site.label', module: '/hello/console.js' }),
    ],
  }),
})
