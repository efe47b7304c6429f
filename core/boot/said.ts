// What definitions say for documents, and the files that plugins serve: names of nothing, and paths that cannot be theirs.
import type { Operations } from '../call/operation.ts'
import { isCode, matches, type DeclaredReasons } from '../describe/errors.ts'
import type { Faults } from '../model/faults.ts'
import { ownPath } from '../transport/http.ts'
import type { Contributor } from './set-up.ts'

interface Said {
  readonly operations: Operations
  readonly reasons: DeclaredReasons
  readonly broadcasts: ReadonlyMap<string, unknown>
}

/** The errors, reasons and changes that operations name, and the events that reasons name, are there. */
export const checkSaid = ({ operations, reasons, broadcasts }: Said, faults: Faults): void => {
  for (const { event, owner, said } of operations.values()) {
    const place = `${owner}.${event}`
    for (const error of said?.errors ?? [])
      if (!isCode(error) && !reasons.has(error)) faults.absent(`${place}.errors`, `"${error}" is neither a code nor a declared reason`)
    for (const name of said?.changes ?? [])
      if (!broadcasts.has(name)) faults.absent(`${place}.changes`, `no "${name}-changed" is broadcast`)
  }
  for (const [reason, { owner, refuse: { on } }] of reasons) {
    if (typeof on === 'function' || on === undefined) continue
    for (const pattern of on) {
      if (![...operations.keys()].some(matches(pattern))) faults.absent(`${owner}.reasons.${reason}`, `"${pattern}" matches no event`)
    }
  }
}

const folderForm = /^\/(?:[A-Za-z0-9._~-]+\/)*$/
const pathForm = /^(?:\/[A-Za-z0-9._~-]+)+$|^\/$/

/** Each file has a path of its own, which a browser can ask for as it is written. */
export const checkFiles = (contributors: readonly Contributor[], faults: Faults): void => {
  const owners = new Map<string, string>()
  for (const { plugin, contribution } of contributors) {
    for (const file of contribution.files ?? []) {
      const { path } = file
      const place = `${plugin.name}.files.${path}`
      const other = owners.get(path)
      if (!pathForm.test(path)) faults.add(place, 'is not a path such as /docs/page.js')
      else if (ownPath.test(path)) faults.add(place, 'is where the engine itself answers')
      else if (other !== undefined) faults.add(place, `is ${other}'s already`)
      const given: Readonly<Record<string, unknown>> = { ...file }
      if (typeof given['content'] !== 'function') faults.add(place, 'has no content()')
      owners.set(path, plugin.name)
    }
    for (const { folder, find } of contribution.folders ?? []) {
      const place = `${plugin.name}.folders.${folder}`
      // A file and a folder of one path do not stand in each other's way.
      const other = owners.get(`${folder}*`)
      if (!folderForm.test(folder)) faults.add(place, 'is not a folder such as /pages/')
      else if (ownPath.test(folder)) faults.add(place, 'is where the engine itself answers')
      else if (other !== undefined) faults.add(place, `is ${other}'s already`)
      if (typeof find !== 'function') faults.add(place, 'has no find()')
      owners.set(`${folder}*`, plugin.name)
    }
  }
}
