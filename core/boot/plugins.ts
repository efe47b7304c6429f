// Plugins in their order: what one requires comes before it; what it merely follows, if it is there.
import type { AnyPlugin } from '../define/plugin.ts'
import type { Faults } from './faults.ts'

/** A stable topological order. Missing and circular requirements go to `faults`. */
export const orderPlugins = (plugins: readonly AnyPlugin[], faults: Faults): AnyPlugin[] => {
  const byName = new Map(plugins.map((plugin) => [plugin.name, plugin]))
  for (const plugin of plugins) {
    if (byName.get(plugin.name) !== plugin) faults.add(plugin.name, 'two plugins have this name')
    for (const [name, required] of Object.entries(plugin.requires ?? {})) {
      if (byName.get(required.name) !== required) faults.add(plugin.name, `requires the plugin "${required.name}" (as ${name}), which is not in the app`)
    }
  }
  const ordered: AnyPlugin[] = []
  const visit = (plugin: AnyPlugin, path: readonly string[]): void => {
    if (ordered.includes(plugin)) return
    if (path.includes(plugin.name)) return faults.add(plugin.name, `requires itself: ${[...path, plugin.name].join(' → ')}`)
    const required = Object.values(plugin.requires ?? {})
    const followed = (plugin.after ?? []).flatMap((name) => byName.get(name) ?? [])
    for (const earlier of [...required, ...followed]) visit(earlier, [...path, plugin.name])
    ordered.push(plugin)
  }
  for (const plugin of byName.values()) visit(plugin, [])
  return ordered
}
