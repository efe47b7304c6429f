// Widgets of fields that are links: to one row, or to several.
import { app, type Row } from '../app/state.ts'
import { titleOf } from '../app/format.ts'
import { t } from '../texts/texts.ts'
import { Button } from './button.tsx'
import { Picker } from './picker.tsx'
import type { WidgetProps } from './widget.ts'

const isRow = (value: unknown): value is Row => typeof value === 'object' && value !== null && 'id' in value
const known = (value: unknown): Row | string | null => (isRow(value) || typeof value === 'string' ? value : null)

export const One = (props: WidgetProps) => (
  <Picker
    target={props.relation?.target ?? ''}
    id={props.id}
    value={known(props.value)}
    clearable={!props.field.required}
    disabled={props.disabled}
    invalid={props.invalid}
    {...(props.describedBy === undefined ? {} : { describedBy: props.describedBy })}
    onPick={(row) => props.onChange(row)}
  />
)

const idOf = (item: unknown): string => (isRow(item) ? item.id : typeof item === 'string' ? item : '')

/** Rows as chips, and a picker that adds one. */
export const Many = (props: WidgetProps) => {
  const items: readonly unknown[] = Array.isArray(props.value) ? props.value : []
  const target = app.value?.resources.find(({ name }) => name === props.relation?.target)
  const shown = (item: unknown): string => (isRow(item) && target ? titleOf(target, item) : idOf(item))
  return (
    <div class="chips">
      {items.length > 0 && (
        <ul>
          {items.map((item) => (
            <li key={idOf(item)} class="chip">
              <span>{shown(item)}</span>
              {!props.disabled && (
                <Button
                  kind="quiet"
                  icon="close"
                  label={t.value.takeAway(shown(item))}
                  onClick={() => props.onChange(items.filter((each) => each !== item))}
                />
              )}
            </li>
          ))}
        </ul>
      )}
      {!props.disabled && (
        <Picker
          target={props.relation?.target ?? ''}
          id={props.id}
          value={null}
          except={items.map(idOf)}
          invalid={props.invalid}
          {...(props.describedBy === undefined ? {} : { describedBy: props.describedBy })}
          placeholder={t.value.add}
          onPick={(row) => {
            if (row) props.onChange([...items, row])
          }}
        />
      )}
    </div>
  )
}
