// A table of rows: sorted by its heads, rows that can be selected, and a glow on those that someone has just changed.
import { useRef } from 'preact/hooks'
import type { DescribedField, DescribedResource } from '#sovrane'
import type { Shown } from '../app/live.ts'
import type { Row } from '../app/state.ts'
import { fieldName, resourcesName, titleOf } from '../app/format.ts'
import { mayDelete, mayUpdate } from '../app/rights.ts'
import { t } from '../texts/texts.ts'
import { Link } from './button.tsx'
import { Icon } from './icon.tsx'
import { useGlow, useLeaving } from './row-motion.ts'
import { rowPath, Value } from './value.tsx'

interface Sorting {
  readonly sort: string
  readonly onSort: (sort: string | undefined) => void
}

/** Up, down, and as it comes. */
const nextSort = (name: string, sort: string): string | undefined => (sort === name ? `-${name}` : sort === `-${name}` ? undefined : name)

const Head = ({
  name,
  label,
  sort,
  onSort,
  canSort,
}: Sorting & { readonly name: string; readonly label: string; readonly canSort: boolean }) => {
  const way = sort === name ? 'ascending' : sort === `-${name}` ? 'descending' : undefined
  return (
    <th scope="col" aria-sort={way}>
      {canSort ? (
        <button type="button" onClick={() => onSort(nextSort(name, sort))}>
          {label}
          <Icon name={way === 'descending' ? 'down' : 'up'} />
        </button>
      ) : (
        label
      )}
    </th>
  )
}

/** The names of the sets that a row is in. */
const classOf = (sets: Readonly<Record<string, Pick<ReadonlySet<string>, 'has'>>>, id: string): string =>
  Object.entries(sets).filter(([, ids]) => ids.has(id)).map(([name]) => name).join(' ')

export const Table = ({
  resource,
  columns,
  list,
  selected,
  onSelect,
  sort,
  onSort,
}: Sorting & {
  readonly resource: DescribedResource
  readonly columns: readonly DescribedField[]
  readonly list: Shown
  readonly selected: ReadonlyMap<string, Row>
  readonly onSelect: (rows: ReadonlyMap<string, Row>) => void
}) => {
  const { items, status, page } = list
  const changed = useGlow(items)
  const { rows, leaving } = useLeaving(resource.name, items, page)
  const last = useRef<number | undefined>(undefined)
  const canSelect = (row: Row): boolean => mayUpdate(resource, row) || mayDelete(resource, row)
  const selectable = items.filter(canSelect)
  const areAll = selectable.length > 0 && selectable.every(({ id }) => selected.has(id))
  const select = (index: number, isOn: boolean, isRange: boolean): void => {
    const [from, to] =
      isRange && last.current !== undefined ? [Math.min(last.current, index), Math.max(last.current, index)] : [index, index]
    const next = new Map(selected)
    for (const row of items.slice(from, to + 1).filter(canSelect)) {
      if (isOn) next.set(row.id, row)
      else next.delete(row.id)
    }
    last.current = index
    onSelect(next)
  }
  const [first = 'id'] = resource.title
  const isFirstLoad = status === 'loading' && items.length === 0
  return (
    <div class="wide" tabIndex={0} role="region" aria-label={resourcesName(resource)}>
      <table aria-busy={status === 'loading'} class={status === 'offline' ? 'old' : undefined}>
        <thead>
          <tr>
            {(selectable.length > 0 || isFirstLoad) && (
              <th class="tick">
                <input
                  type="checkbox"
                  aria-label={t.value.selectAll}
                  checked={areAll}
                  onChange={() => onSelect(areAll ? new Map() : new Map(selectable.map((row) => [row.id, row])))}
                />
              </th>
            )}
            <Head
              name={first}
              label={resource.title.length > 1 ? t.value.name : fieldName(first)}
              sort={sort}
              onSort={onSort}
              canSort={resource.list.sort.includes(first)}
            />
            {columns.map(({ name }) => (
              <Head
                key={name}
                name={name}
                label={fieldName(name)}
                sort={sort}
                onSort={onSort}
                canSort={resource.list.sort.includes(name)}
              />
            ))}
          </tr>
        </thead>
        <tbody>
          {isFirstLoad &&
            Array.from({ length: 8 }, (_, index) => (
              <tr key={index} class="waiting" aria-hidden="true">
                <td class="tick" />
                <td>
                  <i />
                </td>
                {columns.map(({ name }) => (
                  <td key={name}>
                    <i />
                  </td>
                ))}
              </tr>
            ))}
          {rows.map((row) => (
            <tr
              key={row.id}
              class={classOf({ changed, selected, leaving }, row.id)}
              inert={leaving.has(row.id)}
            >
              {selectable.length > 0 && (
                <td class="tick">
                  {canSelect(row) && (
                    <input
                      type="checkbox"
                      aria-label={t.value.select(titleOf(resource, row))}
                      checked={selected.has(row.id)}
                      onClick={(event) => select(items.indexOf(row), event.currentTarget.checked, event.shiftKey)}
                    />
                  )}
                </td>
              )}
              <th scope="row">
                <Link to={rowPath(resource.name, row.id)}>
                  <bdi>{titleOf(resource, row)}</bdi>
                </Link>
              </th>
              {columns.map((field) => (
                <td key={field.name}>
                  <Value resource={resource} field={field} row={row} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
