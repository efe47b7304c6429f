// The modules of plugins: what they are given, and how they are loaded.
import { notify } from '../shared/notices.tsx'
import { language } from '../texts/texts.ts'
import { explained } from './explained.ts'
import { go } from './router.ts'
import { ask, asError, client, serverUrl, type Payload } from './state.ts'

/** What a module may use of the console. */
const tools = {
  ask: (event: string, payload?: Payload) => ask(event, payload),
  /** Calls back at each change of rows, until what it returns is called. */
  onChanged: (listener: (change: { readonly resource: string; readonly id: string; readonly action: string }) => void) =>
    client.onChanged(listener),
  go: (path: string) => go(path),
  notify: (text: string) => notify(text),
  /** The sentence of an error. */
  explained: (thrown: unknown) => explained(asError(thrown)),
  get language() {
    return language.value
  },
}

export interface PluginWidgetHandle {
  update?(value: unknown): void
  remove?(): void
}

interface WidgetField {
  readonly id: string
  readonly value: unknown
  readonly schema: Payload
  readonly disabled: boolean
  readonly onChange: (value: unknown) => void
}

export interface PluginModule {
  /** Shows itself in the element; what it returns is called when it is left. */
  readonly screen?: (
    element: HTMLElement,
    given: typeof tools & { readonly params: Readonly<Record<string, string>> },
  ) => (() => void) | undefined
  /** Edits a field in the element. The control has the id, so that the label names it. */
  readonly widget?: (element: HTMLElement, given: typeof tools & WidgetField) => PluginWidgetHandle | undefined
}

export const loadModule = async (path: string): Promise<PluginModule> =>
  (await import(/* @vite-ignore */ `${serverUrl}${path}`)) as PluginModule

/** The tools, with what is given besides. */
export const toolsWith = <T extends object>(given: T): typeof tools & T => Object.assign(Object.create(tools) as typeof tools, given)
