// One setting: edited within its bounds, and taken back to its default. And a new key, which programs of one's own read.
import { useRef } from 'preact/hooks'
import type { DescribedSetting, JsonSchema } from '#sovrane'
import { useForm } from '../app/form.ts'
import { number, textOf } from '../app/format.ts'
import { mayAsk } from '../app/rights.ts'
import { ask } from '../app/state.ts'
import { typeOf } from '../app/schema.ts'
import { t } from '../texts/texts.ts'
import { ta } from '../texts/administration/texts.ts'
import { attempt } from './attempt.ts'
import { Button } from './button.tsx'
import { Dialog } from './dialog.tsx'
import { Line, needed, OwnForm } from './line.tsx'
import { notify } from './notices.tsx'
import { Field } from './widgets.tsx'

/** Source: `config-list-request`. */
export interface SettingItem {
  readonly key: string
  readonly value: unknown
  readonly default: unknown
  readonly description: string | null
}

const anything: JsonSchema = {}

/** A setting is called by what it says of itself; a free key by itself. */
export const settingName = ({ key, description }: SettingItem): string => ta.value.settings.names[key] ?? description ?? key

export const shownValue = (value: unknown): string => {
  if (typeof value === 'boolean') return value ? ta.value.settings.on : ta.value.settings.off
  if (typeof value === 'number') return number(value)
  return typeof value === 'string' && value !== '' ? value : JSON.stringify(value)
}

const hintOf = ({ default: initial }: SettingItem, declared: DescribedSetting | undefined): string | undefined => {
  if (!declared) return undefined
  const { minimum, maximum } = declared.schema
  const isDefault = ta.value.settings.isDefault(shownValue(initial))
  return typeof minimum === 'number' && typeof maximum === 'number'
    ? `${ta.value.settings.bounds(number(minimum), number(maximum))} ${isDefault}`
    : isDefault
}

export const EditSetting = ({ item, declared, onClose }: {
  readonly item: SettingItem
  readonly declared: DescribedSetting | undefined
  readonly onClose: () => void
}) => {
  const { key } = item
  const texts = ta.value.settings
  const isFlag = declared !== undefined && typeOf(declared.schema) === 'boolean'
  const field = { name: 'value', schema: declared?.schema ?? anything, required: declared !== undefined && !isFlag }
  const form = useForm([field], { value: item.value })
  const opened = useRef(JSON.stringify(item.value))
  const isDefault = JSON.stringify(item.value) === JSON.stringify(item.default)
  const save = async (): Promise<void> => {
    await ask('config-update', { key, value: form.values['value'] ?? null })
    notify(texts.saved)
    onClose()
  }
  const remove = async (): Promise<void> => {
    const undo = (): void => void attempt(() => ask('config-update', { key, value: item.value }), texts.saved)
    if (!(await attempt(() => ask('config-delete', { key })))) return
    notify(declared ? texts.wasReset : texts.removed(key), { undo })
    onClose()
  }
  const mayReset = mayAsk('config-delete') && (declared === undefined || !isDefault)
  return (
    <Dialog title={settingName(item)} onClose={onClose}>
      {opened.current !== JSON.stringify(item.value) && (
        <p class="note" role="status">
          {texts.meanwhile}
        </p>
      )}
      <OwnForm
        form={form}
        send={save}
        submit={t.value.save}
        more={
          mayReset && (
            <Button kind={declared ? 'plain' : 'danger'} onClick={() => void remove()}>
              {declared ? texts.toDefault : texts.remove}
            </Button>
          )
        }
      >
        <Field
          field={field}
          label={isFlag ? texts.on : texts.value}
          value={form.values['value']}
          error={form.errors['value']}
          hint={hintOf(item, declared)}
          onChange={(value) => form.set('value', value)}
        />
      </OwnForm>
    </Dialog>
  )
}

export const NewKey = ({ onClose }: { readonly onClose: () => void }) => {
  const texts = ta.value.settings
  const value = { name: 'value', schema: anything, required: true }
  const form = useForm([needed('key'), value], {})
  const send = async (): Promise<void> => {
    // Version 0: it does not replace one that there is.
    await ask('config-update', { key: textOf(form.values['key']), value: form.values['value'], ifVersion: 0 })
    notify(texts.saved)
    onClose()
  }
  return (
    <Dialog title={texts.addTitle} onClose={onClose}>
      <OwnForm form={form} send={send} submit={t.value.create}>
        <Line form={form} name="key" label={texts.key} autofocus />
        <Field
          field={value}
          label={texts.value}
          value={form.values['value']}
          error={form.errors['value']}
          hint={texts.keyHint}
          onChange={(next) => form.set('value', next)}
        />
      </OwnForm>
    </Dialog>
  )
}
