// The filters of a list: each a field, an operator and a value, by the widgets of the field. All must hold.
import type { DescribedField, DescribedResource } from '#sovrane'
import { goQuery } from '../app/router.ts'
import { conditionsText, operatorsOf, type Condition, type Operator } from '../app/list-query.ts'
import { fieldName } from '../app/format.ts'
import { t } from '../texts/texts.ts'
import { Button } from './button.tsx'
import { Field } from './widgets.tsx'

const fieldOf = (resource: DescribedResource, name: string): DescribedField | undefined =>
  resource.fields.find((field) => field.name === name)
const idOf = (value: unknown): unknown => (typeof value === 'object' && value !== null && 'id' in value ? value.id : value)

const apply = (conditions: readonly Condition[]): void =>
  goQuery({ filter: conditionsText(conditions), page: undefined }, { replace: true })

const ConditionRow = ({
  resource,
  condition,
  index,
  onChange,
  onRemove,
}: {
  readonly resource: DescribedResource
  readonly condition: Condition
  readonly index: number
  readonly onChange: (next: Condition) => void
  readonly onRemove: () => void
}) => {
  const field = fieldOf(resource, condition.field)
  if (!field) return null
  const possible = operatorsOf(field)
  const free: DescribedField = { ...field, required: false, schema: { ...field.schema, minLength: 0 } }
  return (
    <div class="condition">
      <select
        aria-label={t.value.filterField}
        value={condition.field}
        onChange={({ currentTarget: { value } }) => {
          const next = fieldOf(resource, value)
          if (next) onChange({ field: value, operator: operatorsOf(next)[0] ?? 'eq', value: undefined })
        }}
      >
        {resource.list.filter.map((name) => (
          <option key={name} value={name}>
            {fieldName(name)}
          </option>
        ))}
      </select>
      <select
        aria-label={t.value.filterOperator}
        value={condition.operator}
        onChange={({ currentTarget: { value } }) =>
          onChange({
            ...condition,
            operator: value as Operator,
            value: value === 'isNull' ? true : condition.operator === 'isNull' ? undefined : condition.value,
          })
        }
      >
        {possible.map((operator) => (
          <option key={operator} value={operator}>
            {t.value.operators[operator]}
          </option>
        ))}
      </select>
      {condition.operator !== 'isNull' && (
        <Field
          field={free}
          id={`filter-${index}`}
          label={t.value.filterValue}
          value={condition.value}
          relation={resource.relations.find(({ name }) => name === field.relation)}
          onChange={(value) => onChange({ ...condition, value: idOf(value) })}
        />
      )}
      <Button kind="quiet" icon="close" label={t.value.removeFilter} onClick={onRemove} />
    </div>
  )
}

export const Filters = ({
  resource,
  conditions,
  onClose,
}: {
  readonly resource: DescribedResource
  readonly conditions: readonly Condition[]
  readonly onClose: () => void
}) => {
  const [first] = resource.list.filter
  const field = first === undefined ? undefined : fieldOf(resource, first)
  const begin: Condition[] = field ? [{ field: field.name, operator: operatorsOf(field)[0] ?? 'eq', value: undefined }] : []
  const shown = conditions.length > 0 ? conditions : begin
  return (
    <section class="filters" aria-label={t.value.filter}>
      {shown.map((condition, index) => (
        <ConditionRow
          key={`${index} ${condition.field}`}
          resource={resource}
          condition={condition}
          index={index}
          onChange={(next) => apply(shown.map((each, place) => (place === index ? next : each)))}
          onRemove={() => {
            if (shown.length === 1) onClose()
            apply(shown.filter((_, place) => place !== index))
          }}
        />
      ))}
      <Button kind="quiet" icon="plus" onClick={() => apply([...shown, ...begin])}>
        {t.value.addFilter}
      </Button>
    </section>
  )
}
