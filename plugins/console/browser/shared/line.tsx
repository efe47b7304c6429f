// A line of a form that is the console's own, such as a password: a label, an input, and what is wrong with it.
import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { t } from '../texts/texts.ts'
import type { Form } from '../app/form.ts'
import { Button } from './button.tsx'
import { inputType } from './input-type.ts'

interface LineProps {
  readonly form: Form
  readonly name: string
  readonly label: string
  readonly type?: 'text' | 'email' | 'password'
  readonly autocomplete?: string
  readonly hint?: ComponentChildren
  readonly autofocus?: boolean
  readonly inputMode?: 'numeric' | 'text'
  readonly isOptional?: boolean
}

export const Line = ({
  form,
  name,
  label,
  type = 'text',
  autocomplete = 'off',
  hint,
  autofocus = false,
  inputMode = 'text',
  isOptional = false,
}: LineProps) => {
  const [isShown, setShown] = useState(false)
  const error = form.errors[name]
  const id = `line-${name}`
  const value = form.values[name]
  const describedBy = error !== undefined ? `${id}-error` : hint === undefined ? undefined : `${id}-hint`
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <div class="with-button">
        <input
          id={id}
          name={name}
          {...inputType(type === 'password' && isShown ? 'text' : type)}
          autocomplete={autocomplete}
          spellcheck={false}
          inputMode={inputMode}
          autofocus={autofocus}
          value={typeof value === 'string' ? value : ''}
          aria-invalid={error !== undefined || undefined}
          aria-describedby={describedBy}
          aria-required={!isOptional || undefined}
          onInput={(event) => form.set(name, event.currentTarget.value)}
        />
        {type === 'password' && (
          <Button kind="quiet" pressed={isShown} onClick={() => setShown((now) => !now)}>
            {isShown ? t.value.hide : t.value.show}
          </Button>
        )}
      </div>
      {error !== undefined ? (
        <p class="fault" id={`${id}-error`}>
          {error}
        </p>
      ) : (
        hint !== undefined && (
          <div class="hint" id={`${id}-hint`}>
            {hint}
          </div>
        )
      )}
    </div>
  )
}

/** A field of such a form, for `useForm`. */
export const needed = (name: string) => ({ name, schema: { type: 'string' }, required: true })

/** A form of the console's own. */
export const OwnForm = ({
  form,
  send,
  submit,
  children,
  more,
}: {
  readonly form: Form
  readonly send: () => Promise<void>
  readonly submit: string
  readonly children: ComponentChildren
  readonly more?: ComponentChildren
}) => (
  <form
    noValidate
    onSubmit={(event) => {
      event.preventDefault()
      void form.submit(send)
    }}
  >
    {children}
    {form.failure !== undefined && (
      <p class="fault" role="alert">
        {form.failure}
      </p>
    )}
    <footer>
      {more}
      <Button kind="main" type="submit" busy={form.isBusy}>
        {submit}
      </Button>
    </footer>
  </form>
)
