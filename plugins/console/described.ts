// What the console is told of the app: resources, and of each event who may ask it and what it takes. The same for everyone.
import type { PluginScreen, PluginWidget } from './extension.ts'
import type { DescribedResource, DescribedSetting, Description } from '#sovrane'

/** An event, as far as screens need it. */
interface ToldEvent {
  /** The resource or plugin that it is of. */
  readonly owner: string
  readonly keys: readonly string[]
  readonly kind: string
  readonly resource?: string
  readonly relation?: string
}

/** `description.json` of the console. */
export interface Told {
  /** What plugins add. */
  readonly screens: readonly PluginScreen[]
  readonly widgets: readonly PluginWidget[]
  readonly resources: readonly DescribedResource[]
  readonly events: Readonly<Record<string, ToldEvent>>
  readonly permissionKeys: readonly string[]
  readonly settings: readonly DescribedSetting[]
}

export const described = (
  { resources, events, permissionKeys, settings }: Description,
  added: Pick<Told, 'screens' | 'widgets'>,
): Told => ({
  ...added,
  resources,
  events: Object.fromEntries(
    events.map(({ event, owner, keys, kind, resource, relation }) => [
      event,
      {
        owner,
        keys,
        kind,
        ...(resource === undefined ? {} : { resource }),
        ...(relation === undefined ? {} : { relation }),
      },
    ]),
  ),
  permissionKeys,
  settings,
})
