// One row in a component: read with what its fields link to, and read again when someone changes it.
import { useEffect, useRef, useState } from 'preact/hooks'
import type { SovraneError } from '../../../../client/index.ts'
import type { DescribedField, DescribedResource } from '#sovrane'
import { app, ask, asError, client, type Row } from './state.ts'
import { widgetOf } from './schema.ts'

/** The relations whose rows stand in place of ids while a form shows them. */
const includedBy = (resource: DescribedResource): string[] =>
  resource.fields.flatMap((field) => {
    const { relation } = field
    return relation !== undefined &&
      ['one', 'many'].includes(widgetOf(field)) &&
      resource.relations.some(({ name, include }) => name === relation && include)
      ? [relation]
      : []
  })

export const resourceNamed = (name: string): DescribedResource | undefined =>
  app.value?.resources.find((resource) => resource.name === name)

/** @throws SovraneError */
export const readRow = (resource: DescribedResource, id: string, signal?: AbortSignal): Promise<Row> => {
  const include = includedBy(resource)
  return ask<Row>(resource.events['get'] ?? '', { id, ...(include.length > 0 ? { include } : {}) }, signal)
}

/** What a field's widget has of a row: the linked row itself where it was read with it. */
export const valueIn = (row: Row, field: DescribedField): unknown =>
  field.relation !== undefined && widgetOf(field) === 'one' ? (row[field.relation] ?? row[field.name]) : row[field.name]

export const valuesIn = (row: Row, fields: readonly DescribedField[]): Record<string, unknown> =>
  Object.fromEntries(fields.map((field) => [field.name, valueIn(row, field)]))

export interface ReadRow {
  readonly row: Row | undefined
  readonly error: SovraneError | undefined
  /** Someone has deleted it while it was shown. */
  readonly isGone: boolean
  readonly read: () => void
}

export const useRow = (resource: DescribedResource, id: string): ReadRow => {
  const [state, setState] = useState<Omit<ReadRow, 'read'>>({ row: undefined, error: undefined, isGone: false })
  const [round, setRound] = useState(0)
  const known = useRef<Row | undefined>(undefined)
  useEffect(() => {
    const stop = new AbortController()
    readRow(resource, id, stop.signal).then(
      (row) => {
        known.current = row
        setState({ row, error: undefined, isGone: false })
      },
      (thrown: unknown) => {
        const error = asError(thrown)
        if (error.code !== 'aborted') setState((before) => ({ ...before, error: before.row ? undefined : error }))
      },
    )
    return () => stop.abort()
  }, [resource, id, round])
  useEffect(
    () =>
      client.onChanged((change) => {
        if (change.resource !== resource.name || change.id !== id) return
        if (change.action === 'delete') setState((before) => ({ ...before, isGone: true }))
        else if (Number(known.current?.['version'] ?? 0) < change.version) setRound((now) => now + 1)
      }),
    [resource, id],
  )
  useEffect(() => client.onRightsChanged(() => setRound((now) => now + 1)), [])
  return { ...state, read: () => setRound((now) => now + 1) }
}
