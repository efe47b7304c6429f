// What has happened to a row, from the audit: who changed what, and when. For those who may see the audit.
import { useEffect, useState } from 'preact/hooks'
import type { DescribedResource } from '#sovrane'
import { ask, asError, type PageOf, type Row } from '../app/state.ts'
import { explained } from '../app/explained.ts'
import { fieldName, titleOf } from '../app/format.ts'
import { mayAsk } from '../app/rights.ts'
import { resourceNamed } from '../app/rows.ts'
import { t } from '../texts/texts.ts'
import { Button, Link } from './button.tsx'
import { Skeleton } from './page.tsx'
import { rowPath, Time } from './value.tsx'

interface Entry {
  readonly id: string
  readonly timestamp: string
  readonly actorId: string | null
  readonly action: string
  readonly details: unknown
}

const event = 'audit-log-request'
const limit = 10

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null

/** The fields that an entry says were changed, with both values. */
const changesIn = (details: unknown): { readonly name: string; readonly before: unknown; readonly after: unknown }[] => {
  if (!isObject(details)) return []
  const [before, after] = [details['before'], details['after']].map((side) => (isObject(side) ? side : {}))
  const names = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])
  return [...names].map((name) => ({ name, before: before?.[name], after: after?.[name] }))
}

const written = (value: unknown): string =>
  value === undefined || value === null ? t.value.none : typeof value === 'string' ? value : JSON.stringify(value)

/** The people by their ids, as far as they may be seen. */
const namesOf = async (ids: readonly string[]): Promise<ReadonlyMap<string, string>> => {
  const people = resourceNamed('user')
  if (!people || ids.length === 0 || !mayAsk(people.events['list'])) return new Map()
  const { items } = await ask<PageOf>(people.events['list'] ?? '', { limit: 100, filter: { id: { in: ids } } })
  return new Map(items.map((person) => [person.id, titleOf(people, person)]))
}

interface Read {
  readonly entries: readonly Entry[]
  readonly total: number
  readonly names: ReadonlyMap<string, string>
}

const read = async (resource: string, id: string, page: number): Promise<Read> => {
  const { items, total } = await ask<PageOf<Entry>>(event, { targetType: resource, targetId: id, limit, page })
  const ids = [...new Set(items.flatMap(({ actorId }) => (actorId === null ? [] : [actorId])))]
  // Without their names the entries are still worth reading.
  return { entries: items, total, names: await namesOf(ids).catch(() => new Map<string, string>()) }
}

const EntryLine = ({ entry, names }: { readonly entry: Entry; readonly names: Read['names'] }) => {
  const { actorId, action, timestamp, details } = entry
  const name = actorId === null ? undefined : names.get(actorId)
  return (
    <li>
      <p>
        <Time value={timestamp} /> ·{' '}
        {name === undefined || actorId === null ? t.value.unknown : <Link to={rowPath('user', actorId)}>{name}</Link>} ·{' '}
        <code>{action}</code>
      </p>
      {changesIn(details).map(({ name: field, before, after }) => (
        <p key={field} class="change">
          {fieldName(field)}: <del>{written(before)}</del> → <ins>{written(after)}</ins>
        </p>
      ))}
    </li>
  )
}

export const History = ({ resource, row }: { readonly resource: DescribedResource; readonly row: Row }) => {
  const [page, setPage] = useState(1)
  const [found, setFound] = useState<Read>()
  const [fault, setFault] = useState<string>()
  const mayRead = mayAsk(event)
  useEffect(() => {
    if (mayRead) read(resource.name, row.id, page).then(setFound, (thrown: unknown) => setFault(explained(asError(thrown))))
  }, [mayRead, row['version'], page])
  if (!mayRead) return null
  const last = Math.max(1, Math.ceil((found?.total ?? 0) / limit))
  return (
    <section class="card history" aria-labelledby="history">
      <h2 id="history">{t.value.history}</h2>
      {fault !== undefined ? (
        <p class="fault">{fault}</p>
      ) : !found ? (
        <Skeleton lines={3} />
      ) : found.entries.length === 0 ? (
        <p class="none">{t.value.noHistory}</p>
      ) : (
        <ul>
          {found.entries.map((entry) => (
            <EntryLine key={entry.id} entry={entry} names={found.names} />
          ))}
        </ul>
      )}
      {last > 1 && (
        <p class="pages">
          <Button kind="quiet" icon="left" label={t.value.previousPage} disabled={page <= 1} onClick={() => setPage(page - 1)} />
          <span>{t.value.pageOf(String(page), String(last))}</span>
          <Button kind="quiet" icon="right" label={t.value.nextPage} disabled={page >= last} onClick={() => setPage(page + 1)} />
        </p>
      )}
    </section>
  )
}
