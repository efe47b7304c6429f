// What is asked of the packages that package-lock.json brings in.

export interface Package {
  readonly version?: string
  readonly license?: string
  readonly resolved?: string
  readonly hasInstallScript?: boolean
  /** Only for development. */
  readonly dev?: boolean
  readonly devOptional?: boolean
}

export type Lock = Readonly<Record<string, Package>>

/** The least version of a package without a known hole, and the hole. */
export const floors: Readonly<Record<string, { readonly least: string; readonly why: string }>> = {
  'engine.io': { least: '6.6.9', why: 'ws 8.21 (CVE-2026-48779, CVE-2026-45736); a crafted request ends the process (< 6.4.2)' },
  'socket.io-parser': { least: '4.2.7', why: 'memory exhaustion (CVE-2026-69185, CVE-2023-32695, CVE-2022-2421)' },
  'socket.io': { least: '4.6.2', why: 'an unhandled error event ends the process (CVE-2024-38355)' },
  'ws': { least: '8.21.0', why: 'CVE-2026-48779, CVE-2024-37890' },
  'jsonwebtoken': { least: '9.0.0', why: 'key confusion (CVE-2022-23539, -23540, -23541)' },
  'jws': { least: '4.0.1', why: 'a signature that is not checked (GHSA-869p-cjfg-cm3x)' },
}

/** Licences whose code may go with a work under the MIT licence without further conditions on it. */
const licences = new Set([
  'MIT', 'MIT-0', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD', 'Apache-2.0', 'BlueOak-1.0.0', 'CC0-1.0', 'Unlicense', 'Python-2.0', 'PSF-2.0',
])

/** Those of tools, which go with nothing that is passed on: their condition is on changes of their own files. */
const licencesOfTools = new Set(['MPL-2.0'])

/** Packages whose package.json has no `license` in today's form, with what their own files say. */
export const readByHand: Readonly<Record<string, string>> = {
  'xmlhttprequest-ssl': 'MIT', // in the form before 2014: licenses: [{ type: 'MIT' }]
}

/** Packages with an install script. It does not run (`ignore-scripts`), so each must work without. */
export const withScripts: ReadonlySet<string> = new Set([
  'esbuild', // replaces its launcher by the binary, which saves milliseconds
  'fsevents', // macOS only, for watching
])

/** `node_modules/a/node_modules/@b/c`: `@b/c`. */
export const nameOf = (path: string): string => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)

const numbers = (version: string): number[] => version.split('-')[0]?.split('.').map(Number) ?? []

/** Whether a version is below another, by major, minor and patch; a pre-release counts as below its release. */
export function below(version: string, least: string): boolean {
  const [have, want] = [numbers(version), numbers(least)]
  for (const [index, number] of want.entries()) {
    const mine = have[index] ?? 0
    if (mine !== number) return !(mine > number)
  }
  return version.includes('-')
}

/** `MIT`, `(MIT OR GPL-3.0)`: one of the choices is enough; of `A AND B` both must do. */
export const mayUse = (licence: string): boolean => licence.replace(/[()]/g, '').split(' OR ')
  .some((choice) => choice.split(' AND ').every((one) => licences.has(one.trim())))

/** The faults of a lock file. */
export function faults(lock: Lock): string[] {
  const packages = Object.entries(lock).filter(([path]) => path !== '').map(([path, entry]) => ({ path, name: nameOf(path), ...entry }))
  const missing = Object.keys(floors).filter((name) => !packages.some((one) => one.name === name))
  return [...missing.map((name) => `${name} is not there; is its floor still needed?`), ...packages.flatMap((one) => {
    const floor = floors[one.name]
    const licence = one.license ?? readByHand[one.name]
    const found: string[] = []
    if (floor !== undefined && below(one.version ?? '0', floor.least))
      found.push(`${one.path} ${one.version}: at least ${floor.least}: ${floor.why}`)
    const isTool = (one.dev ?? one.devOptional ?? false) && licencesOfTools.has(licence ?? '')
    if (licence === undefined || !(mayUse(licence) || isTool)) found.push(`${one.path}: licence ${licence ?? 'unknown'}`)
    if (one.resolved !== undefined)
      found.push(`${one.path}: names where it was fetched from (npm install --omit-lockfile-registry-resolved)`)
    if (one.hasInstallScript === true && !withScripts.has(one.name)) found.push(`${one.path}: has an install script`)
    return found
  })]
}
