// What of the audit log is shown: by person, event, kind of row, level and days. It stands in the address, so that it can be shared.
import { useEffect, useState } from 'preact/hooks'
import { categories, recordedEvents } from '../app/audit.ts'
import { resourceName } from '../app/format.ts'
import { useNames } from '../app/names.ts'
import { mayAsk } from '../app/rights.ts'
import { go, goQuery, place } from '../app/router.ts'
import { t } from '../texts/texts.ts'
import { ta } from '../texts/administration/texts.ts'
import { Button } from './button.tsx'
import { Picker } from './picker.tsx'

const names = ['actorId', 'action', 'category', 'level', 'targetType', 'targetId', 'dateFrom', 'dateTo'] as const
const levels = ['info', 'warning', 'critical'] as const

/** A resource or a plugin, by its name. */
export const ownerName = (name: string): string => ta.value.settings.owners[name] ?? resourceName(name)

/** The filter as `audit-log-request` takes it. */
export const filterIn = (query: URLSearchParams): Readonly<Record<string, string>> =>
  Object.fromEntries(names.flatMap((name) => {
    const value = query.get(name) ?? ''
    return value === '' ? [] : [[name, value]]
  }))

const set = (name: (typeof names)[number], value: string): void => goQuery({ [name]: value }, { replace: true })

const Choice = ({ name, label, none, values, called }: {
  readonly name: 'category' | 'level'
  readonly label: string
  readonly none: string
  readonly values: readonly string[]
  readonly called: (value: string) => string
}) => (
  <label>
    <span>{label}</span>
    <select value={place.value.query.get(name) ?? ''} onChange={({ currentTarget: { value } }) => set(name, value)}>
      <option value="">{none}</option>
      {values.map((value) => (
        <option key={value} value={value}>
          {called(value)}
        </option>
      ))}
    </select>
  </label>
)

/** A text that is looked for once it is whole: an event of the list, or when one leaves the field. */
const Text = ({ name, label, placeholder, list }: {
  readonly name: 'action' | 'targetId'
  readonly label: string
  readonly placeholder: string
  readonly list?: readonly string[]
}) => {
  const given = place.value.query.get(name) ?? ''
  const [text, setText] = useState(given)
  useEffect(() => setText(given), [given])
  const id = `audit-${name}`
  return (
    <label>
      <span>{label}</span>
      <input
        value={text}
        placeholder={placeholder}
        autocomplete="off"
        spellcheck={false}
        list={list ? id : undefined}
        onInput={({ currentTarget: { value } }) => {
          setText(value)
          if (value === '' || list?.includes(value) === true) set(name, value)
        }}
        onChange={() => set(name, text.trim())}
      />
      {list && (
        <datalist id={id}>
          {list.map((value) => (
            <option key={value} value={value} />
          ))}
        </datalist>
      )}
    </label>
  )
}

const Day = ({ name, label }: { readonly name: 'dateFrom' | 'dateTo'; readonly label: string }) => (
  <label>
    <span>{label}</span>
    <input type="date" value={place.value.query.get(name) ?? ''} onChange={({ currentTarget: { value } }) => set(name, value)} />
  </label>
)

const Who = () => {
  const id = place.value.query.get('actorId')
  const people = useNames('user', [id])
  const { who, anyone } = ta.value.audit
  if (!mayAsk('user-list-request')) return null
  return (
    <div class="who-filter">
      <span aria-hidden="true">{who}</span>
      <Picker
        target="user"
        label={who}
        placeholder={anyone}
        value={id === null ? null : (people(id) ?? id)}
        clearable
        onPick={(row) => set('actorId', row?.id ?? '')}
      />
    </div>
  )
}

const Fields = () => {
  const texts = ta.value.audit
  return (
    <div class="lines">
      <Who />
      <Text name="action" label={texts.action} placeholder={texts.anything} list={recordedEvents()} />
      <Choice name="category" label={texts.category} none={texts.anything} values={categories()} called={ownerName} />
      <Choice name="level" label={texts.level} none={texts.anyLevel} values={levels} called={(level) => texts.levels[level] ?? level} />
      <Text name="targetId" label={texts.row} placeholder={texts.rowHint} />
      <Day name="dateFrom" label={ta.value.from} />
      <Day name="dateTo" label={ta.value.to} />
    </div>
  )
}

/** On a telephone they are folded away until someone wants them. */
const isWide = (): boolean => matchMedia('(min-width: 40rem)').matches

export const AuditFilters = ({ onRefresh }: { readonly onRefresh: () => void }) => {
  const count = Object.keys(filterIn(place.value.query)).length
  const [isOpen, setOpen] = useState(() => isWide() || count > 0)
  return (
    <div role="search">
      <div class="bar">
        <Button icon="filter" expanded={isOpen} onClick={() => setOpen((now) => !now)}>
          {count > 0 ? t.value.filtersOn(count) : t.value.filter}
        </Button>
        {count > 0 && <Button onClick={() => go(place.value.path)}>{ta.value.audit.clear}</Button>}
        <Button onClick={onRefresh}>{ta.value.refresh}</Button>
      </div>
      {isOpen && <Fields />}
    </div>
  )
}
