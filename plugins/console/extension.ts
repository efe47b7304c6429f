// What other plugins put into the console: screens with their entry in the menu, and widgets of fields. Each is a module of the plugin's
// own `files`, which the browser loads when it is shown: plain JavaScript, whatever it is written with.
import { extensionPoint } from '#sovrane'

interface Shown {
  /** The path of one of the plugin's `files`. */
  readonly module: string
}

export interface PluginScreen extends Shown {
  /** Below the console: `/hello`, with `:name` for what is given to the module as `params`. */
  readonly path: string
  /** Its heading, and in the menu, by language; English is what others fall back to. */
  readonly label: { readonly en: string; readonly [language: string]: string }
  /** The event that it begins with: the menu has it for those who may ask it. Unset: for everyone. */
  readonly needs?: string
}

export interface PluginWidget extends Shown {
  /** `site.label`: the resource, and its field. */
  readonly field: string
}

export const consoleScreen = extensionPoint<PluginScreen>({ plugin: 'console', kind: 'screen', keyOf: ({ path }) => path })
export const consoleWidget = extensionPoint<PluginWidget>({ plugin: 'console', kind: 'widget', keyOf: ({ field }) => field })
