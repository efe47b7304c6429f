// What every widget of a field is given.
import type { DescribedField, DescribedRelation } from '#sovrane'

export interface WidgetProps {
  readonly field: Pick<DescribedField, 'name' | 'schema' | 'required'>
  readonly relation?: DescribedRelation | undefined
  readonly id: string
  readonly value: unknown
  readonly disabled: boolean
  readonly invalid: boolean
  readonly describedBy: string | undefined
  readonly onChange: (value: unknown) => void
}

/** What its control has in common with those of others. */
export const common = ({ id, disabled, invalid, describedBy, field }: WidgetProps) => ({
  id,
  disabled,
  'aria-invalid': invalid || undefined,
  'aria-describedby': describedBy,
  'aria-required': field.required || undefined,
})
