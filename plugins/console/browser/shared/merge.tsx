// Two people have changed the same fields: for each of them one chooses whose value stays.
import { useState } from 'preact/hooks'
import type { DescribedField, DescribedResource } from '#sovrane'
import { fieldName, titleOf } from '../app/format.ts'
import { resourceNamed } from '../app/rows.ts'
import { t } from '../texts/texts.ts'
import { Button } from './button.tsx'
import { Dialog } from './dialog.tsx'

export interface Clash {
  readonly field: DescribedField
  readonly mine: unknown
  readonly theirs: unknown
}

const isRow = (value: unknown): value is { readonly id: string } => typeof value === 'object' && value !== null && 'id' in value

const written = (resource: DescribedResource, field: DescribedField, value: unknown): string => {
  const target = resourceNamed(resource.relations.find(({ name }) => name === field.relation)?.target ?? '')
  const one = (each: unknown): string =>
    isRow(each) && target ? titleOf(target, { ...each }) : typeof each === 'string' ? each : JSON.stringify(each)
  if (value === null || value === undefined || value === '') return t.value.none
  return Array.isArray(value) ? value.map(one).join(', ') || t.value.none : one(value)
}

export const Merge = ({
  resource,
  clashes,
  onClose,
  onChosen,
}: {
  readonly resource: DescribedResource
  readonly clashes: readonly Clash[]
  readonly onClose: () => void
  /** By field, the value that stays. */
  readonly onChosen: (values: Readonly<Record<string, unknown>>) => void
}) => {
  const [chosen, setChosen] = useState<Readonly<Record<string, 'mine' | 'theirs'>>>({})
  const sideOf = (name: string): 'mine' | 'theirs' => chosen[name] ?? 'mine'
  return (
    <Dialog title={t.value.mergeTitle} onClose={onClose} wide>
      <p>{t.value.mergeAbout}</p>
      <form
        class="merge"
        onSubmit={(event) => {
          event.preventDefault()
          onChosen(
            Object.fromEntries(clashes.map(({ field, mine, theirs }) => [field.name, sideOf(field.name) === 'mine' ? mine : theirs])),
          )
        }}
      >
        {clashes.map(({ field, ...values }) => (
          <fieldset key={field.name}>
            <legend>{fieldName(field.name)}</legend>
            {(['mine', 'theirs'] as const).map((side) => (
              <label key={side}>
                <input
                  type="radio"
                  name={field.name}
                  checked={sideOf(field.name) === side}
                  onChange={() => setChosen({ ...chosen, [field.name]: side })}
                />
                <span>
                  <small>{side === 'mine' ? t.value.mine : t.value.theirs}</small> {written(resource, field, values[side])}
                </span>
              </label>
            ))}
          </fieldset>
        ))}
        <footer>
          <Button onClick={onClose}>{t.value.cancel}</Button>
          <Button kind="main" type="submit">
            {t.value.save}
          </Button>
        </footer>
      </form>
    </Dialog>
  )
}
