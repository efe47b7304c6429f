// Plugins in their order: what one requires comes before it; what it merely follows, if it is there.
import { appOwner, coreOwner, resourcesOwner } from '../define/app.ts'
import type { AnyPlugin } from '../define/plugin.ts'
import type { Faults } from '../model/faults.ts'

/** Owners of migrations and tables beside the plugins. */
const reserved: readonly string[] = [coreOwner, resourcesOwner, appOwner]

/** A stable topological order. Missing and circular requirements go to `faults`. */
export const orderPlugins = (plugins: readonly AnyPlugin[], faults: Faults): AnyPlugin[] => {
  const byName = new Map(plugins.map((plugin) => [plugin.name, plugin]))
  for (const plugin of plugins) {
    if (byName.get(plugin.name) !== plugin) faults.add(plugin.name, 'two plugins have this name')
    if (reserved.includes(plugin.name)) faults.add(plugin.name, 'is the name of a part of every app, and cannot be a plugin\'s')
    else if (!/^[a-z][a-z0-9-]*$/.test(plugin.name)) faults.add(plugin.name, 'a plugin is named by lower-case letters, digits and dashes')
    for (const [name, required] of Object.entries<AnyPlugin | undefined>(plugin.requires ?? {})) {
      if (!required) faults.add(plugin.name, `requires.${name} is undefined; do the two plugins import each other?`)
      else if (byName.get(required.name) !== required)
        faults.add(plugin.name, `requires the plugin "${required.name}" (as ${name}), which is not in the app`)
    }
  }
  const commands = plugins.flatMap((plugin) => Object.keys(plugin.commands ?? {}).map((command) => ({ plugin, command })))
  for (const [index, { plugin, command }] of commands.entries()) {
    const other = commands.slice(0, index).find((each) => each.command === command)
    if (other) faults.add(`${plugin.name}.commands.${command}`, `the plugin "${other.plugin.name}" has a command of this name`)
  }
  const ordered: AnyPlugin[] = []
  const visit = (plugin: AnyPlugin, path: readonly string[]): void => {
    if (ordered.includes(plugin)) return
    if (path.includes(plugin.name)) return faults.add(plugin.name, `requires itself: ${[...path, plugin.name].join(' → ')}`)
    const required = Object.values<AnyPlugin | undefined>(plugin.requires ?? {}).filter(
      (each) => each !== undefined && byName.get(each.name) === each,
    )
    const followed = (plugin.after ?? []).flatMap((name) => byName.get(name) ?? [])
    for (const earlier of [...required, ...followed]) if (earlier) visit(earlier, [...path, plugin.name])
    ordered.push(plugin)
  }
  for (const plugin of byName.values()) visit(plugin, [])
  return ordered
}
