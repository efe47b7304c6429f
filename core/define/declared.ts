// Where a definition stands, for people who ask what handles an event.
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const files = new WeakMap<object, string>()

/** Remembers the file that declares a definition: the one that called the function that calls this. */
export const declaredHere = <T extends object>(definition: T): T => {
  const [, , , caller = ''] = (new Error('where').stack ?? '').split('\n')
  const [, path] = /((?:file:\/\/)?\/[^()]+?\.[jt]s):\d+/.exec(caller) ?? []
  if (path !== undefined) files.set(definition, relative(process.cwd(), path.startsWith('file:') ? fileURLToPath(path) : path))
  return definition
}

/** A definition that is made of another stands where that one does. */
export const declaredLike = <T extends object>(definition: T, origin: object): T => {
  const place = files.get(origin)
  if (place !== undefined) files.set(definition, place)
  return definition
}

/** The file that declares a definition, from the working directory; undefined when that is not known. */
export const fileOf = (definition: object): string | undefined => files.get(definition)
