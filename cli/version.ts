// The version of the package.
import { existsSync, readFileSync } from 'node:fs'

/** The package's own package.json, from the sources and from what was built. */
const places = ['../package.json', '../../package.json'].map((path) => new URL(path, import.meta.url))

export const version = (): string => {
  const place = places.find((each) => existsSync(each))
  if (place === undefined) throw new Error('The package has no package.json')
  return (JSON.parse(readFileSync(place, 'utf8')) as { readonly version: string }).version
}
