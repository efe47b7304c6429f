// The lines of `app.ts`: one that imports what is new, and its name in a list. Whatever else stands there stays as it is.
import { Unclear } from './renames.ts'

/** The names that a file imports or declares: no second one can have them. */
export const namesIn = (text: string): Set<string> => new Set([
  ...[...text.matchAll(/^import (?:type )?\{([^}]*)\}/gm)].flatMap(([, list = '']) =>
    list.split(',').map((each) => each.trim().replace(/^type /, '').split(' as ').at(-1) ?? '')),
  ...[...text.matchAll(/^(?:export )?(?:const|class|function|interface) (\w+)/gm)].map(([, name = '']) => name),
])

/** Where a plugin of the app is imported from; undefined: it is not. */
export const importOf = (text: string, name: string): string | undefined =>
  new RegExp(`^import \\{[^}]*\\b${name}\\b[^}]*\\} from '([^']+)'`, 'm').exec(text)?.[1]

const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/') + 1).split('/').slice(0, 2).join('/')

/** Among the imports of the same folder, in the order of their paths; else after the last import. */
const withImport = (text: string, name: string, path: string): string => {
  const line = `import { ${name} } from '${path}'`
  const lines = text.split('\n')
  const imports = lines.flatMap((each, at) => {
    const from = /^(?:import .*|\}) from '([^']+)'$/.exec(each)?.[1]
    return from === undefined ? [] : [{ at, from }]
  })
  const alike = imports.filter(({ from }) => folderOf(from) === folderOf(path))
  const before = alike.findLast(({ from }) => from < path)
  const next = before ? before.at + 1 : alike[0]?.at ?? (imports.at(-1)?.at ?? -1) + 1
  return lines.toSpliced(next, 0, line).join('\n')
}

const widest = 140

/** The name at the end of a list: in its line, or in one of its own where each has one. */
const withEntry = (text: string, list: string, name: string): string => {
  const found = new RegExp(`^( *)${list}: \\[([^\\]]*)\\]`, 'm').exec(text)
  if (!found) throw new Unclear(`app.ts has no list "${list}: [ … ]" that a name could be put into: write it there yourself`)
  const [whole, indent = '', inside = ''] = found
  const entries = inside.split(',').map((each) => each.trim()).filter((each) => each !== '')
  const flat = `${indent}${list}: [${[...entries, name].join(', ')}]`
  const next = `\n${indent}  `
  if (!inside.includes('\n') && flat.length < widest) return text.replace(whole, () => flat)
  const body = inside.includes('\n') ? inside.replace(/,?\s*$/, '') : `${next}${entries.join(`,${next}`)}`
  return text.replace(whole, () => `${indent}${list}: [${body},${next}${name},\n${indent}]`)
}

/**
 * The text of `app.ts` with what is new in it.
 * @throws Unclear when it has no such list
 */
export const withNew = (text: string, list: 'resources' | 'plugins', name: string, path: string): string =>
  withEntry(withImport(text, name, path), list, name)
