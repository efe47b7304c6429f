// What can be done with all selected rows at once: all or none of them.
import { useState } from 'preact/hooks'
import type { DescribedField, DescribedResource } from '#sovrane'
import { ask, asError, type Row } from '../app/state.ts'
import { allows, useAllowedOnAll, type Allowed } from '../app/allowed.ts'
import { explained } from '../app/explained.ts'
import { sent, useForm } from '../app/form.ts'
import { fieldName, number, resourcesName, titleOf } from '../app/format.ts'
import { t } from '../texts/texts.ts'
import { Button } from './button.tsx'
import { confirmed, Dialog } from './dialog.tsx'
import { notify } from './notices.tsx'
import { Field } from './widgets.tsx'

const indexOf = (details: unknown): number | undefined =>
  typeof details === 'object' && details !== null && 'index' in details && typeof details.index === 'number' ? details.index : undefined

/** With the name of the row that was refused. */
const fault = (thrown: unknown, resource: DescribedResource, rows: readonly Row[]): string => {
  const error = asError(thrown)
  const row = rows[indexOf(error.details) ?? -1]
  return `${row ? `${titleOf(resource, row)}: ` : ''}${explained(error)} ${t.value.nothingDone}`
}

/** What can be set to one value in all of them: not what they are told apart by. */
const fieldsFor = ({ fields, title }: DescribedResource, allowed: Allowed): readonly DescribedField[] =>
  fields.filter(({ name, writeOnly }) => !title.includes(name) && !writeOnly && allowed.fields.includes(name))

const EditDialog = ({
  resource,
  rows,
  fields,
  onClose,
  onDone,
}: {
  readonly resource: DescribedResource
  readonly rows: readonly Row[]
  readonly fields: readonly DescribedField[]
  readonly onClose: () => void
  readonly onDone: () => void
}) => {
  const [name, setName] = useState(fields[0]?.name ?? '')
  const field = fields.find((each) => each.name === name)
  const form = useForm(field ? [field] : [], {})
  const save = (): Promise<void> =>
    form.submit(async () => {
      if (!field) return
      const value = sent(field, form.values[name])
      try {
        await ask(resource.many['update'] ?? '', { items: rows.map(({ id, version }) => ({ id, ifVersion: version, [name]: value })) })
      } catch (thrown) {
        return notify(fault(thrown, resource, rows), { kind: 'bad' })
      }
      notify(t.value.saved)
      onDone()
    })
  return (
    <Dialog title={t.value.changeMany(number(rows.length))} onClose={onClose}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          void save()
        }}
      >
        <div class="field">
          <label for="bulk-field">{t.value.fieldToChange}</label>
          <select id="bulk-field" value={name} onChange={({ currentTarget: { value } }) => setName(value)}>
            {fields.map((each) => (
              <option key={each.name} value={each.name}>
                {fieldName(each.name)}
              </option>
            ))}
          </select>
        </div>
        {field && (
          <Field
            key={name}
            field={field}
            id="bulk-value"
            label={t.value.newValue}
            value={form.values[name]}
            error={form.errors[name]}
            relation={resource.relations.find((relation) => relation.name === field.relation)}
            onChange={(value) => form.set(name, value)}
          />
        )}
        <footer>
          <Button onClick={onClose}>{t.value.cancel}</Button>
          <Button kind="main" type="submit" busy={form.isBusy}>
            {t.value.save}
          </Button>
        </footer>
      </form>
    </Dialog>
  )
}

export const BulkActions = ({
  resource,
  rows,
  onDone,
}: {
  readonly resource: DescribedResource
  readonly rows: readonly Row[]
  readonly onDone: () => void
}) => {
  const [isEditing, setEditing] = useState(false)
  const [isBusy, setBusy] = useState(false)
  const allowed = useAllowedOnAll(resource, rows)
  const fields = allowed ? fieldsFor(resource, allowed) : []
  const remove = async (): Promise<void> => {
    const count = number(rows.length)
    if (
      !(await confirmed({
        title: t.value.deleteMany(count, resourcesName(resource)),
        text: t.value.deleteManyAbout,
        yes: t.value.delete,
      }))
    )
      return
    setBusy(true)
    try {
      await ask(resource.many['delete'] ?? '', { items: rows.map(({ id, version }) => ({ id, ifVersion: version })) })
      notify(t.value.deletedMany(count))
      onDone()
    } catch (thrown) {
      notify(fault(thrown, resource, rows), { kind: 'bad' })
    } finally {
      setBusy(false)
    }
  }
  return (
    <div class="bulk" role="group" aria-label={t.value.selectedRows}>
      <p aria-live="polite">{t.value.selected(number(rows.length))}</p>
      {allowed && fields.length === 0 && !allows(allowed, resource.events['delete']) && <p>{t.value.nothingForAll}</p>}
      {resource.many['update'] !== undefined && fields.length > 0 && (
        <Button icon="edit" onClick={() => setEditing(true)}>
          {t.value.change}
        </Button>
      )}
      {resource.many['delete'] !== undefined && allowed && allows(allowed, resource.events['delete']) && (
        <Button kind="danger" icon="bin" busy={isBusy} onClick={() => void remove()}>
          {t.value.delete}
        </Button>
      )}
      <Button kind="quiet" onClick={onDone}>
        {t.value.selectNone}
      </Button>
      {isEditing && (
        <EditDialog
          resource={resource}
          rows={rows}
          fields={fields}
          onClose={() => setEditing(false)}
          onDone={() => {
            setEditing(false)
            onDone()
          }}
        />
      )}
    </div>
  )
}
