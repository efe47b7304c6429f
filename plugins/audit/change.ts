// What a mutation changed, or that it changed nothing: read from its call, and from the feed where the call does not say.
import { changesOf, type Call, type Payload } from '../../core/define/index.ts'
import { created, deleted, difference, isEmpty, merge, type Difference } from './difference.ts'
import { isAuthentication } from './authentication.ts'
import { masked } from './mask.ts'
import { canonical } from './signature.ts'

export interface Change extends Difference {
  readonly targetType: string | null
  readonly targetId: string | null
}

/**
 * What an operation that is not generic may say of itself: `call.notes.set('audit', note)`, in its handler or in a hook around it.
 * `before` equal to `after` says that nothing was changed. `reason` is for failures, such as `locked`.
 * `failure`: the code with which a hook will refuse what is committed here; its entry is that of the refusal.
 */
export interface AuditNote extends Partial<Change> {
  readonly reason?: string
  readonly failure?: string
}

export const noteName = 'audit'

export const noteOf = (call: Call): AuditNote | undefined => {
  const note = call.notes.get(noteName)
  // Whoever leaves it gives this type.
  return typeof note === 'object' && note !== null ? note : undefined
}

const control = new Set(['id', 'ifVersion'])

const given = (input: Payload): Payload => Object.fromEntries(Object.entries(input).filter(([name]) => !control.has(name)))

/** Fields that are accepted and never read back are secrets, whatever their names: that one was set is told, its value is not. */
const writeOnly = (input: Payload, row: Payload): { count: number; secrets: Difference } => {
  const names = Object.keys(given(input)).filter((name) => !(name in row))
  return { count: names.length, secrets: { before: {}, after: Object.fromEntries(names.map((name) => [name, masked])) } }
}

const isDelete = ({ operation, owner, before }: Call): boolean => before !== undefined && operation === `${owner}-delete`

/** Whether the engine's own code for rows did the work: it answers the row, or has deleted it. */
const isGeneric = (call: Call, output: Payload): boolean =>
  call.candidate !== undefined || isDelete(call) || (call.before !== undefined && output['version'] !== undefined)

/** What `add-` and `remove-` events linked and unlinked. */
const linked = ({ operation, owner, input }: Call): Difference => {
  const rest = operation.slice(owner.length + 1)
  if (rest.startsWith('add-')) return { before: {}, after: given(input) }
  if (rest.startsWith('remove-')) return { before: given(input), after: {} }
  return { before: {}, after: {} }
}

/** A generic operation: what differs between the row before and the row that it answers. */
const rowChange = (call: Call, output: Payload): Difference | undefined => {
  const { before, candidate, input } = call
  if (!before) return merge(created(output), writeOnly(input, output).secrets)
  if (isDelete(call)) return deleted(before)
  const fields = difference(before, output)
  if (candidate) {
    const hidden = writeOnly(input, output)
    return isEmpty(fields) && hidden.count === 0 ? undefined : merge(fields, hidden.secrets)
  }
  // A link raises its owner's version, once a transaction: what `system` does in one transaction may show no rise.
  const changed = before.version !== output['version'] || !isEmpty(fields) || call.system
  return changed ? merge(fields, linked(call)) : undefined
}

const idOf = (value: unknown): string | null => (typeof value === 'string' && value.length <= 128 ? value : null)

/** The row that a payload names, as far as it names one. */
export const targetOf = ({ owner, input }: Pick<Call, 'owner' | 'input'>): Pick<Change, 'targetType' | 'targetId'> =>
  ({ targetType: owner, targetId: idOf(input['id']) ?? idOf(input['key']) })

const sameNote = ({ before, after }: AuditNote): boolean => before !== undefined && after !== undefined && canonical(before) === canonical(after)

/** An operation of a plugin that says nothing of itself: by what the feed will tell, else it counts as a change of what its input names. */
const pluginChange = async (call: Call): Promise<Change> => {
  if (isAuthentication(call) && call.actor) return { targetType: 'user', targetId: call.actor.id, before: {}, after: given(call.input) }
  const [first] = isAuthentication(call) ? [] : await changesOf(call.db)
  const target = first ? { targetType: first.resource, targetId: first.id } : targetOf(call)
  return { ...target, before: {}, after: given(call.input) }
}

/** What a mutation changed; undefined when it changed nothing. Authentication events count whether they changed anything or not. */
export const changeOf = async (call: Call, output: Payload): Promise<Change | undefined> => {
  const note = noteOf(call)
  if (note) return sameNote(note) && !isAuthentication(call) ? undefined : { ...targetOf(call), before: {}, after: {}, ...note }
  if (isAuthentication(call) || !isGeneric(call, output)) return pluginChange(call)
  const found = rowChange(call, output)
  return found && { targetType: call.owner, targetId: idOf(output['id']) ?? call.before?.id ?? null, ...found }
}
