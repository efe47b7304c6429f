// Pickers of rows: one types a part of a name, and chooses among the rows that the server finds. Keyboard as by the ARIA combobox.
import { useEffect, useId, useRef, useState } from 'preact/hooks'
import { ask, app, asError, type PageOf, type Row } from '../app/state.ts'
import { resourceName, titleOf } from '../app/format.ts'
import { useNames } from '../app/names.ts'
import { mayAsk } from '../app/rights.ts'
import { t } from '../texts/texts.ts'
import type { DescribedResource } from '#sovrane'
import { Button } from './button.tsx'

/** Milliseconds without a key after which is looked. */
const pause = 150
const most = 12

/** A line that tells rows of one name apart. */
const hintOf = (resource: DescribedResource, row: Row): string => {
  const email = row['email'] ?? row['description']
  return typeof email === 'string' && !resource.title.includes('email') ? email : ''
}

interface Found {
  readonly rows: readonly Row[]
  readonly total: number
  readonly error?: string
}

const find = async (resource: DescribedResource, search: string, signal: AbortSignal): Promise<Found> => {
  const sort = resource.title.filter((name) => resource.list.sort.includes(name))
  const { items, total } = await ask<PageOf>(
    resource.events['list'] ?? '',
    {
      limit: most,
      ...(search === '' || resource.list.search.length === 0 ? {} : { search }),
      ...(sort.length === 0 ? {} : { sort }),
    },
    signal,
  )
  return { rows: items, total }
}

/** The rows that a text finds; undefined: not yet. */
const useFound = (resource: DescribedResource, search: string, isOpen: boolean): Found | undefined => {
  const [found, setFound] = useState<Found>()
  useEffect(() => {
    if (!isOpen) return
    const stop = new AbortController()
    const timer = setTimeout(
      () => {
        find(resource, search, stop.signal).then(setFound, (thrown: unknown) => {
          const error = asError(thrown)
          if (error.code !== 'aborted') setFound({ rows: [], total: 0, error: error.message })
        })
      },
      found ? pause : 0,
    )
    return () => {
      clearTimeout(timer)
      stop.abort()
    }
  }, [resource, search, isOpen])
  return found
}

interface PickerProps {
  readonly target: string
  readonly id?: string
  readonly label?: string
  readonly describedBy?: string
  readonly invalid?: boolean
  readonly disabled?: boolean
  /** The chosen row, or its id where it is not known. */
  readonly value: Row | string | null
  /** Rows that are not offered. */
  readonly except?: readonly string[]
  readonly placeholder?: string
  readonly clearable?: boolean
  readonly onPick: (row: Row | null) => void
}

const shownOf = (resource: DescribedResource | undefined, value: Row | string | null): string => {
  if (value === null) return ''
  if (typeof value === 'string') return value
  return resource ? titleOf(resource, value) : value.id
}

export const Picker = ({ target, value, onPick, except = [], clearable = false, ...field }: PickerProps) => {
  const resource = app.value?.resources.find(({ name }) => name === target)
  const [text, setText] = useState<string>()
  const [at, setAt] = useState(0)
  const list = useId()
  const input = useRef<HTMLInputElement>(null)
  const isOpen = text !== undefined
  const empty: DescribedResource | undefined = resource
  const found = useFoundOf(empty, text ?? '', isOpen)
  const rows = (found?.rows ?? []).filter(({ id }) => !except.includes(id))
  const close = (): void => {
    setText(undefined)
    setAt(0)
  }
  const pick = (row: Row): void => {
    onPick(row)
    close()
  }
  const names = useNames(target, [typeof value === 'string' ? value : null])
  const mayList = resource !== undefined && mayAsk(resource.events['list'])
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault()
      if (!isOpen) return setText('')
      setAt((now) => Math.max(0, Math.min(rows.length - 1, now + (event.key === 'ArrowDown' ? 1 : -1))))
    } else if (event.key === 'Enter' && isOpen) {
      event.preventDefault()
      const row = rows[at]
      if (row) pick(row)
    } else if (event.key === 'Escape' && isOpen) {
      event.preventDefault()
      event.stopPropagation()
      close()
    }
  }
  return (
    <div
      class="picker"
      onFocusOut={(event) => {
        if (!(event.relatedTarget instanceof Node) || !event.currentTarget.contains(event.relatedTarget)) close()
      }}
    >
      <input
        ref={input}
        type="text"
        role="combobox"
        id={field.id}
        aria-label={field.label}
        aria-expanded={isOpen}
        aria-controls={list}
        autocomplete="off"
        aria-autocomplete="list"
        aria-activedescendant={isOpen && rows[at] ? `${list}-${at}` : undefined}
        aria-invalid={field.invalid || undefined}
        aria-describedby={field.describedBy}
        disabled={field.disabled === true || !mayList}
        spellcheck={false}
        placeholder={field.placeholder ?? (mayList ? t.value.search : '')}
        value={text ?? (typeof value === 'string' ? names(value) : undefined) ?? shownOf(resource, value)}
        onInput={(event) => {
          setText(event.currentTarget.value)
          setAt(0)
        }}
        onClick={() => {
          if (!isOpen) setText('')
        }}
        onKeyDown={onKeyDown}
      />
      {clearable && value !== null && field.disabled !== true && mayList && (
        <Button
          kind="quiet"
          icon="close"
          label={t.value.clear}
          onClick={() => {
            onPick(null)
            input.current?.focus()
          }}
        />
      )}
      <ul role="listbox" id={list} hidden={!isOpen} aria-label={resourceName(target)}>
        {isOpen &&
          rows.map(
            (row, index) =>
              resource && (
                <li
                  key={row.id}
                  role="option"
                  id={`${list}-${index}`}
                  aria-selected={index === at}
                  onMouseDown={(event) => event.preventDefault()}
                  onClick={() => pick(row)}
                >
                  <b>{titleOf(resource, row)}</b> <small>{hintOf(resource, row)}</small>
                </li>
              ),
          )}
        {isOpen && rows.length === 0 && (
          <li role="option" aria-selected={false} aria-disabled class="none">
            {found ? (found.error ?? t.value.nothingFound) : t.value.loading}
          </li>
        )}
        {isOpen && found && found.total > most && (
          <li role="option" aria-selected={false} aria-disabled class="none">
            {t.value.typeForMore(found.total - most)}
          </li>
        )}
      </ul>
    </div>
  )
}

const nothing = { events: {}, list: { search: [], sort: [], filter: [] }, title: [] } as unknown as DescribedResource
const useFoundOf = (resource: DescribedResource | undefined, search: string, isOpen: boolean): Found | undefined =>
  useFound(resource ?? nothing, search, isOpen && resource !== undefined)
