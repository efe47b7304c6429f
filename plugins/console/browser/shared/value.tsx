// A value of a row as it is read: by its schema and its relation, with a word for what is not there.
import type { DescribedField, DescribedResource } from '#sovrane'
import { app, type Row } from '../app/state.ts'
import { ago, exactTime, number, textOf, titleOf, valueName } from '../app/format.ts'
import { widgetOf } from '../app/schema.ts'
import { t } from '../texts/texts.ts'
import { Link } from './button.tsx'

const isRow = (value: unknown): value is Row => typeof value === 'object' && value !== null && 'id' in value

const targetOf = (resource: DescribedResource, { relation }: DescribedField): DescribedResource | undefined => {
  const target = resource.relations.find(({ name }) => name === relation)?.target
  return app.value?.resources.find(({ name }) => name === target)
}

export const rowPath = (resource: string, id: string): string => `/resources/${resource}/${encodeURIComponent(id)}`

const RowLink = ({ target, row }: { readonly target: DescribedResource; readonly row: Row }) => (
  <Link to={rowPath(target.name, row.id)}>{titleOf(target, row)}</Link>
)

/** How many of several are named. */
const named = 3

const Rows = ({ target, value }: { readonly target: DescribedResource | undefined; readonly value: readonly unknown[] }) => {
  const rows = value.slice(0, named)
  return (
    <>
      {rows.map((item, index) => (
        <span key={index}>
          {index > 0 && ', '}
          {isRow(item) && target ? <RowLink target={target} row={item} /> : <code>{JSON.stringify(item)}</code>}
        </span>
      ))}
      {value.length > named && <small> {t.value.andMore(value.length - named)}</small>}
    </>
  )
}

const None = () => <span class="none">–</span>

export const Time = ({ value }: { readonly value: unknown }) =>
  typeof value === 'string' ? (
    <time dateTime={value} title={exactTime(value)}>
      {ago(value)}
    </time>
  ) : (
    <None />
  )

/** `row`: with the relations that it was read with. */
export const Value = ({
  resource,
  field,
  row,
}: {
  readonly resource: DescribedResource
  readonly field: DescribedField
  readonly row: Row
}) => {
  const value = row[field.name]
  switch (widgetOf(field)) {
    case 'one': {
      const target = targetOf(resource, field)
      const other = field.relation === undefined ? undefined : row[field.relation]
      if (isRow(other) && target) return <RowLink target={target} row={other} />
      return value === null || value === undefined ? (
        <None />
      ) : (
        <span class="none" title={textOf(value)}>
          {t.value.hidden}
        </span>
      )
    }
    case 'many':
    case 'links':
      return Array.isArray(value) && value.length > 0 ? <Rows target={targetOf(resource, field)} value={value} /> : <None />
    case 'time':
      return <Time value={value} />
    case 'boolean':
      return <>{value === true ? t.value.yes : t.value.no}</>
    case 'choice':
      return typeof value === 'string' ? <span class={`badge ${value}`}>{valueName(value)}</span> : <None />
    case 'number':
      return typeof value === 'number' ? <>{number(value)}</> : <None />
    case 'json':
      return value === null || value === undefined ? <None /> : <code class="clip">{JSON.stringify(value)}</code>
    default:
      return typeof value === 'string' && value !== '' ? <bdi>{value}</bdi> : <None />
  }
}
