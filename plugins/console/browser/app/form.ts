// The state of a form: values, what is wrong with them, what has changed. What the server refuses stands beside its field.
import { useEffect, useRef, useState } from 'preact/hooks'
import type { DescribedField } from '#sovrane'
import { asError } from './state.ts'
import { explained } from './explained.ts'
import { faultOf, widgetOf } from './schema.ts'
import { guardLeaving } from './router.ts'
import { fieldFault } from './server-faults.ts'
import { t } from '../texts/texts.ts'

export type Values = Readonly<Record<string, unknown>>
type FormField = Pick<DescribedField, 'name' | 'schema' | 'required'> & Partial<Pick<DescribedField, 'relation' | 'writeOnly'>>

export interface Form {
  readonly values: Values
  readonly errors: Readonly<Record<string, string>>
  /** What is wrong with all of it. */
  readonly failure: string | undefined
  readonly isBusy: boolean
  readonly changed: readonly string[]
  set(name: string, value: unknown): void
  /** Begins anew from these. */
  reset(values: Values): void
  /** Checks the fields, and runs `send` if nothing is wrong with them. What it throws is shown. */
  submit(send: () => Promise<void>): Promise<void>
}

const idOf = (value: unknown): unknown => (typeof value === 'object' && value !== null && 'id' in value ? value.id : value)

/** A value as it is sent: of rows their ids. */
export const sent = (field: FormField, value: unknown): unknown => {
  switch (
    widgetOf({
      schema: field.schema,
      writeOnly: field.writeOnly ?? false,
      ...(field.relation === undefined ? {} : { relation: field.relation }),
    })
  ) {
    case 'one':
      return idOf(value) ?? null
    case 'many':
      return Array.isArray(value) ? value.map(idOf) : value
    default:
      return value
  }
}

const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one ?? null) === JSON.stringify(other ?? null)

/** The first field that is at fault gets the focus. */
const focusFault = (): void => {
  requestAnimationFrame(() => {
    const found = document.querySelector<HTMLElement>('main [aria-invalid=true], dialog [aria-invalid=true]')
    found?.focus()
  })
}

export const useForm = (fields: readonly FormField[], initial: Values, { guard = false } = {}): Form => {
  const [values, setValues] = useState(initial)
  const [base, setBase] = useState(initial)
  const [errors, setErrors] = useState<Readonly<Record<string, string>>>({})
  const [failure, setFailure] = useState<string>()
  const [isBusy, setBusy] = useState(false)
  const changed = fields
    .filter((field) => !isSame(sent(field, values[field.name]), sent(field, base[field.name])))
    .map(({ name }) => name)
  const isDirty = useRef(false)
  isDirty.current = changed.length > 0
  useEffect(() => (guard ? guardLeaving(() => !isDirty.current || globalThis.confirm(t.value.leaveUnsaved)) : undefined), [guard])

  const fail = (thrown: unknown): void => {
    const error = asError(thrown)
    const names = new Set(fields.map(({ name }) => name))
    const own: Record<string, string> = {}
    const other: string[] = []
    for (const [path, message] of Object.entries(error.fields)) {
      const name = path.split('.')[0] ?? path
      const said = fieldFault(message)
      if (names.has(name)) own[name] ??= said
      else other.push(`${path} ${said}`)
    }
    setErrors(own)
    const isOfFields = Object.keys(own).length > 0 && other.length === 0
    setFailure(isOfFields ? undefined : other.length > 0 ? other.join('. ') : explained(error))
    focusFault()
  }
  return {
    values,
    errors,
    failure,
    isBusy,
    changed,
    set(name, value) {
      setValues((now) => ({ ...now, [name]: value }))
      setErrors(({ [name]: _gone, ...rest }) => rest)
    },
    reset(next) {
      // What is done right after it, such as leaving the page, asks no more.
      isDirty.current = false
      setValues(next)
      setBase(next)
      setErrors({})
      setFailure(undefined)
    },
    async submit(send) {
      if (isBusy) return
      const faults = Object.fromEntries(
        fields.flatMap((field): [string, string][] => {
          const fault = faultOf(field, values[field.name])
          return fault === undefined ? [] : [[field.name, fault]]
        }),
      )
      setErrors(faults)
      setFailure(undefined)
      if (Object.keys(faults).length > 0) return focusFault()
      setBusy(true)
      try {
        await send()
        isDirty.current = false
      } catch (thrown) {
        fail(thrown)
      } finally {
        setBusy(false)
      }
    },
  }
}
