// What someone holds, in words: where a key reaches, and what each grant comes from.
import { fieldName, resourceName } from '../app/format.ts'
import { t } from '../texts/texts.ts'
import { ta } from '../texts/administration/texts.ts'
import { Link } from './button.tsx'
import { rowPath } from './value.tsx'

/** A row by its name; hidden: one may not see it. Source: docs/protocol.md §5.1. */
export interface Named {
  readonly resource?: string
  readonly id?: string
  readonly label?: string | null
  readonly relation?: string
}

export interface Grant {
  readonly key: string
  /** Null: everywhere, or on the row. */
  readonly scope: Named | null
  readonly row?: Named
  /** Null: granted directly. */
  readonly from: Named | null
  readonly reaches?: boolean
}

const RowName = ({ row: { resource, id, label } }: { readonly row: Named }) =>
  id === undefined || resource === undefined ? (
    <span class="none">{t.value.hidden}</span>
  ) : (
    <Link to={rowPath(resource, id)}>
      <bdi>{label ?? id}</bdi>
    </Link>
  )

const Rows = ({ rows }: { readonly rows: readonly Named[] }) => (
  <>
    {rows.map((row, index) => (
      <span key={row.id ?? index}>
        {index > 0 && ', '}
        <RowName row={row} />
      </span>
    ))}
  </>
)

/** `scopes` null: everywhere. */
export const Reach = ({ scopes, except, rows }: {
  readonly scopes: readonly Named[] | null
  readonly except: readonly Named[]
  readonly rows: readonly Named[]
}) => (
  <>
    {scopes === null ? t.value.matrix.everywhere : <Rows rows={[...scopes, ...rows]} />}
    {except.length > 0 && (
      <small>
        {' '}
        {ta.value.rights.except} <Rows rows={except} />
      </small>
    )}
  </>
)

/** `by the role Clerk`. */
export const Origin = ({ from }: Pick<Grant, 'from'>) =>
  from === null ? (
    <>{ta.value.rights.directly}</>
  ) : (
    <>
      {from.relation === undefined ? resourceName(from.resource ?? '') : fieldName(from.relation)}{' '}
      <RowName row={from} />
    </>
  )

const Where = ({ grant: { scope, row } }: { readonly grant: Grant }) => {
  const place = scope ?? row
  return place ? (
    <>
      {t.value.matrix.within.toLowerCase()} <RowName row={place} />
    </>
  ) : (
    <>{t.value.matrix.everywhere.toLowerCase()}</>
  )
}

export const GrantLine = ({ grant }: { readonly grant: Grant }) => (
  <li class={grant.reaches === false ? 'idle' : undefined}>
    <span>
      <code>{grant.key}</code> <Where grant={grant} />
    </span>
    <small>
      <Origin from={grant.from} />
      {grant.reaches === false && ` · ${ta.value.rights.elsewhere}`}
    </small>
  </li>
)
