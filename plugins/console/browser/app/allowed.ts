// What one may do with the row that is shown, as the server decides it: asked again when the row, what it lies in or one's rights change.
import { useEffect, useRef, useState } from 'preact/hooks'
import type { DescribedField, DescribedResource } from '#sovrane'
import { useAsked } from './asked.ts'
import { app, me, type Row } from './state.ts'

/** Source: `rights-on`. */
export interface Allowed {
  readonly events: readonly string[]
  readonly fields: readonly string[]
}

const nothing: Allowed = { events: [], fields: [] }

/** The resources in which rows lie, whose changes may move them. */
const scopes = (): string[] => (app.value?.resources ?? []).filter(({ isScope }) => isScope).map(({ name }) => name)

/** Undefined: it is not known yet. Without an answer nothing is offered. `id` undefined: nothing is asked. */
export const useAllowed = (resource: DescribedResource, id: string | undefined, row: Row | undefined): Allowed | undefined => {
  const asked = id === undefined ? undefined : { resource: resource.name, ids: [id] }
  const { reply, error, again } = useAsked<Allowed>('rights-on', asked, { changes: scopes() })
  useEffect(() => {
    if (reply) again()
  }, [row?.['version']])
  return reply ?? (error && nothing)
}

/** The same of each of some rows, at most 100. Undefined: it is not known yet of just these rows as they are. */
export const useAllowedOnAll = (resource: DescribedResource, rows: readonly Row[]): Allowed | undefined => {
  const ids = rows.map(({ id }) => id)
  const key = rows.map(({ id, version }) => `${id} ${String(version)}`).join()
  const [known, setKnown] = useState('')
  const asked = useRef('')
  const { reply, error, isLoading, again } =
    useAsked<Allowed>('rights-on', { resource: resource.name, ids }, { changes: scopes() })
  useEffect(() => {
    // Other rows are another question, which is asked by itself.
    if (asked.current === ids.join()) again()
    asked.current = ids.join()
  }, [key])
  useEffect(() => {
    if (!isLoading) setKnown(key)
  }, [reply, error])
  return known === key ? reply ?? (error && nothing) : undefined
}

/** Whether an event may be asked about it. There is none: false. */
export const allows = ({ events }: Allowed, event: string | undefined): boolean => event !== undefined && events.includes(event)

/** Whether a field may be changed. One's own password is changed on one's own page, where it is proved. */
export const allowsField = ({ fields }: Allowed, row: Row, { name, writeOnly }: DescribedField): boolean =>
  fields.includes(name) && !(writeOnly && row.id === me.value?.user.id)
