// The form of a row: what one may change of it, saved over the version that one has seen, and merged where others were quicker.
import { useEffect, useRef, useState } from 'preact/hooks'
import type { DescribedField, DescribedResource } from '#sovrane'
import { ask, asError, type Row } from '../app/state.ts'
import { sent, useForm } from '../app/form.ts'
import { readRow, valueIn, valuesIn } from '../app/rows.ts'
import { t } from '../texts/texts.ts'
import { Button } from './button.tsx'
import { Merge, type Clash } from './merge.tsx'
import { notify } from './notices.tsx'
import { Field } from './widgets.tsx'

const relationFor = (resource: DescribedResource, field: DescribedField) => resource.relations.find(({ name }) => name === field.relation)

/** What clashes: fields that both sides have changed since `base`. */
const clashesOf = (fields: readonly DescribedField[], base: Row, mine: Readonly<Record<string, unknown>>, theirs: Row): Clash[] =>
  fields
    .filter(({ name }) => name in mine)
    .flatMap((field) => {
      const [was, own, other] = [valueIn(base, field), mine[field.name], valueIn(theirs, field)]
      const text = (value: unknown): string => JSON.stringify(sent(field, value) ?? null)
      return text(own) !== text(was) && text(other) !== text(was) && text(own) !== text(other)
        ? [{ field, mine: own, theirs: other }]
        : []
    })

export const EditForm = ({
  resource,
  row,
  fields,
}: {
  readonly resource: DescribedResource
  readonly row: Row
  readonly fields: readonly DescribedField[]
}) => {
  const form = useForm(fields, valuesIn(row, fields), { guard: true })
  const base = useRef(row)
  const [clash, setClash] = useState<{ readonly theirs: Row; readonly clashes: readonly Clash[] }>()
  const isBehind = row['version'] !== base.current['version']
  /** Takes on what others have changed, and keeps what one has changed oneself. */
  const takeOn = (theirs: Row, mine: Readonly<Record<string, unknown>>): void => {
    base.current = theirs
    form.reset(valuesIn(theirs, fields))
    for (const [name, value] of Object.entries(mine)) form.set(name, value)
  }
  const own = (): Record<string, unknown> => Object.fromEntries(form.changed.map((name) => [name, form.values[name]]))
  useEffect(() => {
    // Fields that only others have changed follow; those that both have changed are asked about on saving.
    if (isBehind && clashesOf(fields, base.current, own(), row).length === 0) takeOn(row, own())
  }, [row])

  const save = (mine: Readonly<Record<string, unknown>>, over: Row): Promise<void> =>
    form.submit(async () => {
      const payload = Object.fromEntries(
        fields.filter(({ name }) => name in mine).map((field) => [field.name, sent(field, mine[field.name])]),
      )
      try {
        await ask(resource.events['update'] ?? '', { id: row.id, ifVersion: over['version'], ...payload })
      } catch (thrown) {
        const error = asError(thrown)
        const isStale =
          error.code === 'conflict' && typeof error.details === 'object' && error.details !== null && 'version' in error.details
        if (!isStale) throw error
        return meet(mine)
      }
      const fresh = await readRow(resource, row.id).catch(() => undefined)
      if (fresh) takeOn(fresh, {})
      notify(t.value.saved)
    })
  /** Others were quicker: what does not clash is saved over theirs, what does is asked about. */
  const meet = async (mine: Readonly<Record<string, unknown>>): Promise<void> => {
    const theirs = await readRow(resource, row.id)
    const clashes = clashesOf(fields, base.current, mine, theirs)
    if (clashes.length > 0) return setClash({ theirs, clashes })
    takeOn(theirs, mine)
    await ask(resource.events['update'] ?? '', {
      id: row.id,
      ifVersion: theirs['version'],
      ...Object.fromEntries(fields.filter(({ name }) => name in mine).map((field) => [field.name, sent(field, mine[field.name])])),
    })
    notify(t.value.savedBeside)
  }
  return (
    <form
      class="card"
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        void save(own(), base.current)
      }}
    >
      {isBehind && (
        <p class="note" role="status">
          {t.value.changedMeanwhile}
        </p>
      )}
      {fields.map((field) => (
        <Field
          resource={resource.name}
          key={field.name}
          field={{ ...field, required: field.required && !field.writeOnly }}
          relation={relationFor(resource, field)}
          value={form.values[field.name]}
          error={form.errors[field.name]}
          hint={field.writeOnly ? t.value.leaveEmpty : undefined}
          onChange={(value) => form.set(field.name, value)}
        />
      ))}
      {form.failure !== undefined && (
        <p class="fault" role="alert">
          {form.failure}
        </p>
      )}
      <footer>
        <Button disabled={form.changed.length === 0} onClick={() => takeOn(row, {})}>
          {t.value.reset}
        </Button>
        <Button kind="main" type="submit" busy={form.isBusy} disabled={form.changed.length === 0}>
          {t.value.save}
        </Button>
      </footer>
      {clash && (
        <Merge
          resource={resource}
          clashes={clash.clashes}
          onClose={() => setClash(undefined)}
          onChosen={(chosen) => {
            const mine = { ...own(), ...chosen }
            setClash(undefined)
            takeOn(clash.theirs, mine)
            void save(mine, clash.theirs)
          }}
        />
      )}
    </form>
  )
}
