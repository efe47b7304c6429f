// The matrix of links that hold everywhere or within scopes, such as the keys of a role: a line for each row, a column for each scope.
import { useEffect, useMemo, useState } from 'preact/hooks'
import { app, ask, type PageOf, type Row } from '../app/state.ts'
import { titleOf } from '../app/format.ts'
import { holds, mayAsk } from '../app/rights.ts'
import { resourceNamed } from '../app/rows.ts'
import { t } from '../texts/texts.ts'
import type { DescribedResource } from '#sovrane'
import { Picker } from './picker.tsx'
import { Skeleton } from './page.tsx'
import type { WidgetProps } from './widget.ts'

/** A link: the row's id, and the scope's; null: everywhere. */
interface Link {
  readonly id: string
  readonly scope: string | null
}

const textIn = (value: object, name: string): string | undefined => {
  const found: unknown = Reflect.get(value, name)
  return typeof found === 'string' ? found : undefined
}

const linksIn = (value: unknown, payload: string, column: string): Link[] =>
  (Array.isArray(value) ? (value as readonly unknown[]) : []).flatMap((item): Link[] => {
    if (typeof item === 'string') return [{ id: item, scope: null }]
    const id = typeof item === 'object' && item !== null ? textIn(item, payload) : undefined
    return id === undefined || typeof item !== 'object' || item === null ? [] : [{ id, scope: textIn(item, column) ?? null }]
  })

/** The most rows that are offered; a matrix of more is nothing for people. */
const pagesAtMost = 10

const readAll = async (target: DescribedResource): Promise<Row[]> => {
  const rows: Row[] = []
  let after: string | undefined
  for (let page = 0; page < pagesAtMost; page += 1) {
    const found: PageOf = await ask<PageOf>(target.events['list'] ?? '', {
      limit: 100,
      sort: target.title[0],
      ...(after === undefined ? {} : { after }),
    })
    rows.push(...found.items)
    after = found.next
    if (after === undefined) break
  }
  return rows
}

interface ScopeName {
  readonly resource: string
  readonly title: string
}

/** What scopes are, by their ids: ids of all resources that can be one are unlike. */
export const useScopeNames = (ids: readonly string[]): ReadonlyMap<string, ScopeName> => {
  const [names, setNames] = useState<ReadonlyMap<string, ScopeName>>(new Map())
  const key = ids.join(' ')
  useEffect(() => {
    const kinds = (app.value?.resources ?? []).filter(({ isScope }) => isScope)
    for (const resource of ids.length === 0 ? [] : kinds) {
      if (!mayAsk(resource.events['list'])) continue
      ask<PageOf>(resource.events['list'] ?? '', { limit: 100, filter: { id: { in: ids } } }).then(
        ({ items }) => {
          setNames((now) => new Map([...now, ...items.map((row): [string, ScopeName] =>
            [row.id, { resource: resource.name, title: titleOf(resource, row) }])]))
        },
        () => undefined,
      ) // One that may not be seen keeps its id.
    }
  }, [key])
  return names
}

export const Matrix = ({ relation, value, onChange, disabled, column, id }: WidgetProps & { readonly column: string }) => {
  const target = resourceNamed(relation?.target ?? '')
  const payload = relation?.payload ?? ''
  const links = linksIn(value, payload, column)
  const [rows, setRows] = useState<readonly Row[]>()
  const [added, setAdded] = useState<readonly string[]>([])
  const [search, setSearch] = useState('')
  const scopes = useMemo(() => [...new Set([...links.flatMap(({ scope }) => (scope === null ? [] : [scope])), ...added])], [value, added])
  const names = useScopeNames(scopes)
  useEffect(() => {
    // Without the right to see them there are those that are linked already.
    if (target) readAll(target).then(setRows, () => setRows([]))
  }, [target])
  if (!target || !rows) return <Skeleton lines={6} />
  const known = new Set(rows.map((row) => row.id))
  const all: readonly Row[] = [...rows, ...links.filter((link) => !known.has(link.id)).map((link) => ({ id: link.id }))]
  const shown = all.filter((row) => titleOf(target, row).toLowerCase().includes(search.trim().toLowerCase()))
  const has = (row: Row, scope: string | null): boolean => links.some((link) => link.id === row.id && link.scope === scope)
  const toggle = (row: Row, scope: string | null): void => {
    const rest = links.filter((link) => !(link.id === row.id && link.scope === scope))
    const next = rest.length === links.length ? [...links, { id: row.id, scope }] : rest
    onChange(next.map((link) => (link.scope === null ? link.id : { [payload]: link.id, [column]: link.scope })))
  }
  const nameOf = (scope: string | null): string => (scope === null ? t.value.matrix.everywhere : (names.get(scope)?.title ?? scope))
  const places: readonly (string | null)[] = [null, ...scopes]
  return (
    <div class="matrix">
      <input
        id={id}
        type="search"
        value={search}
        placeholder={t.value.matrix.find}
        onInput={(event) => setSearch(event.currentTarget.value)}
      />
      <div class="wide" tabIndex={0} role="region" aria-label={t.value.matrix.about}>
        <table>
          <thead>
            <tr>
              <th scope="col">{t.value.matrix.linked(links.length)}</th>
              {places.map((scope) => (
                <th key={scope} scope="col">
                  {nameOf(scope)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((row) => (
              <tr key={row.id}>
                <th scope="row" title={typeof row['description'] === 'string' ? row['description'] : undefined}>
                  {titleOf(target, row)}
                </th>
                {places.map((scope) => (
                  <td key={scope}>
                    <input
                      type="checkbox"
                      checked={has(row, scope)}
                      disabled={disabled || (!has(row, scope) && !holds(titleOf(target, row)))}
                      aria-label={`${titleOf(target, row)}: ${nameOf(scope)}`}
                      onChange={() => toggle(row, scope)}
                    />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {!disabled && (
        <div class="scopes">
          {(app.value?.resources ?? [])
            .filter(({ isScope }) => isScope)
            .map(({ name }) => (
              <Picker
                key={name}
                target={name}
                value={null}
                except={scopes}
                label={t.value.matrix.within}
                placeholder={t.value.matrix.add(name)}
                onPick={(row) => {
                  if (row) setAdded((now) => [...now, row.id])
                }}
              />
            ))}
        </div>
      )}
    </div>
  )
}
