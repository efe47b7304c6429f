// Widgets: what a field is edited with, by its schema.
import type { ComponentType } from 'preact'
import { useState } from 'preact/hooks'
import type { DescribedField, DescribedRelation, JsonSchema } from '#sovrane'
import { app } from '../app/state.ts'
import { fieldName, textOf as asText, valueName } from '../app/format.ts'
import { BadJson, choicesOf, isNullable, widgetOf, type WidgetName } from '../app/schema.ts'
import { t } from '../texts/texts.ts'
import { inputType } from './input-type.ts'
import { Many, One } from './link-widgets.tsx'
import { Matrix } from './matrix.tsx'
import { PluginWidget } from './plugin-widget.tsx'
import { common, type WidgetProps } from './widget.ts'

/** What is empty and may be null is null. */
const emptied = (schema: JsonSchema, text: string): string | null => (text === '' && isNullable(schema) ? null : text)
const asLength = (schema: JsonSchema): number | undefined => (typeof schema['maxLength'] === 'number' ? schema['maxLength'] : undefined)

const line = (type: 'text' | 'email' | 'url' | 'password') => (props: WidgetProps) => (
  <input
    {...common(props)}
    {...inputType(type)}
    value={asText(props.value)}
    maxLength={asLength(props.field.schema)}
    autocomplete={type === 'password' ? 'new-password' : 'off'}
    onInput={(event) => props.onChange(emptied(props.field.schema, event.currentTarget.value))}
  />
)

const Long = (props: WidgetProps) => (
  <textarea
    {...common(props)}
    rows={4}
    value={asText(props.value)}
    maxLength={asLength(props.field.schema)}
    onInput={(event) => props.onChange(emptied(props.field.schema, event.currentTarget.value))}
  />
)

const NumberWidget = (props: WidgetProps) => (
  <input
    {...common(props)}
    type="number"
    step={props.field.schema['type'] === 'integer' ? 1 : 'any'}
    value={asText(props.value)}
    onInput={({ currentTarget: { value, valueAsNumber } }) =>
      props.onChange(value === '' ? (isNullable(props.field.schema) ? null : undefined) : valueAsNumber)
    }
  />
)

const Switch = (props: WidgetProps) => (
  <input
    {...common(props)}
    type="checkbox"
    checked={props.value === true}
    onChange={(event) => props.onChange(event.currentTarget.checked)}
  />
)

const Choice = (props: WidgetProps) => {
  const { schema, required } = props.field
  const choices = choicesOf(schema)
  return (
    <select
      {...common(props)}
      value={asText(props.value)}
      onChange={({ currentTarget: { value } }) =>
        props.onChange(value === '' ? null : choices.find((choice) => String(choice) === value))
      }
    >
      {(isNullable(schema) || (required && asText(props.value) === '')) && (
        <option value="">{required ? t.value.choose : t.value.none}</option>
      )}
      {choices.map((choice) => (
        <option key={choice} value={String(choice)}>
          {valueName(String(choice))}
        </option>
      ))}
    </select>
  )
}

/** ISO 8601 ↔ the local time that the browser's own picker has. */
const toLocal = (value: unknown): string => {
  const date = new Date(asText(value))
  if (Number.isNaN(date.valueOf())) return ''
  return new Date(date.valueOf() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}

const Time = (props: WidgetProps) => (
  <input
    {...common(props)}
    type="datetime-local"
    value={toLocal(props.value)}
    onInput={({ currentTarget: { value } }) =>
      props.onChange(value === '' ? (isNullable(props.field.schema) ? null : undefined) : new Date(value).toISOString())
    }
  />
)

const textOf = (value: unknown): string =>
  value instanceof BadJson ? value.text : value === undefined || value === null ? '' : JSON.stringify(value, null, 2)

/** What no other widget knows: JSON, as it is. */
const Json = (props: WidgetProps) => {
  const [typed, setTyped] = useState<{ readonly text: string; readonly value: unknown }>()
  // What one types stays as it is typed, until the value becomes another one by other means.
  const text = typed !== undefined && JSON.stringify(typed.value) === JSON.stringify(props.value) ? typed.text : textOf(props.value)
  const read = (written: string): unknown => {
    if (written.trim() === '') return isNullable(props.field.schema) ? null : undefined
    try {
      return JSON.parse(written) as unknown
    } catch {
      return new BadJson(written)
    }
  }
  return (
    <textarea
      {...common(props)}
      class="code"
      rows={Math.min(12, Math.max(3, text.split('\n').length))}
      spellcheck={false}
      value={text}
      onInput={({ currentTarget: { value } }) => {
        setTyped({ text: value, value: read(value) })
        props.onChange(read(value))
      }}
    />
  )
}

/** Links with a scope of their own are a matrix; what else they may have is JSON. */
const Links = (props: WidgetProps) => {
  const { columns = [] } = props.relation ?? {}
  return columns.length === 1 && columns[0]?.scope === true ? <Matrix {...props} column={columns[0].name} /> : <Json {...props} />
}

/** By their names. */
const widgets: Readonly<Record<WidgetName, ComponentType<WidgetProps>>> = {
  text: line('text'),
  email: line('email'),
  url: line('url'),
  password: line('password'),
  long: Long,
  number: NumberWidget,
  boolean: Switch,
  choice: Choice,
  time: Time,
  one: One,
  many: Many,
  links: Links,
  json: Json,
}

/** A field with its name, its widget, and what is wrong with it. */
export const Field = ({
  field,
  relation,
  value,
  error,
  hint,
  disabled = false,
  onChange,
  id = `field-${field.name}`,
  label,
  widget,
  resource,
}: {
  readonly field: Pick<DescribedField, 'name' | 'schema' | 'required'> & Partial<Pick<DescribedField, 'writeOnly' | 'relation'>>
  readonly relation?: DescribedRelation | undefined
  readonly value: unknown
  readonly error?: string | undefined
  readonly hint?: string | undefined
  readonly disabled?: boolean
  readonly id?: string
  readonly label?: string
  readonly widget?: WidgetName
  /** A plugin may have a widget for it. */
  readonly resource?: string
  readonly onChange: (value: unknown) => void
}) => {
  const name =
    widget ??
    widgetOf({
      schema: field.schema,
      writeOnly: field.writeOnly ?? false,
      ...(field.relation === undefined ? {} : { relation: field.relation }),
    })
  const Widget = widgets[name]
  const own = resource === undefined ? undefined : app.value?.widgets.find((each) => each.field === `${resource}.${field.name}`)
  const describedBy = error !== undefined ? `${id}-error` : hint !== undefined ? `${id}-hint` : undefined
  return (
    <div class={`field ${name}`}>
      <label for={id}>
        {label ?? fieldName(field.name)}
        {field.required && (
          <span class="needed" aria-hidden="true">
            {' '}
            *
          </span>
        )}
      </label>
      {own ? (
        <PluginWidget module={own.module} id={id} value={value} schema={field.schema} disabled={disabled} onChange={onChange} />
      ) : (
        <Widget
          field={field}
          relation={relation}
          id={id}
          value={value}
          disabled={disabled}
          invalid={error !== undefined}
          describedBy={describedBy}
          onChange={onChange}
        />
      )}
      {error !== undefined ? (
        <p class="fault" id={`${id}-error`}>
          {error}
        </p>
      ) : (
        hint !== undefined && (
          <p class="hint" id={`${id}-hint`}>
            {hint}
          </p>
        )
      )}
    </div>
  )
}
