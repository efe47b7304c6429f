// Why someone may ask for something, or may not: what was asked, the answer, and what decided it.
import { useState } from 'preact/hooks'
import { useAsked } from '../app/asked.ts'
import { explained } from '../app/explained.ts'
import { fieldName, resourceName } from '../app/format.ts'
import { resourceNamed } from '../app/rows.ts'
import { app, type Row } from '../app/state.ts'
import { ta } from '../texts/administration/texts.ts'
import { GrantLine, type Grant } from './grants.tsx'
import { Icon } from './icon.tsx'
import { Skeleton } from './page.tsx'
import { Picker } from './picker.tsx'

interface Rule {
  readonly rule: string
  readonly effect: 'allow' | 'deny'
  readonly key?: string
  readonly reason?: string
  readonly resource?: string
}

interface Further {
  readonly when: string
  readonly keys: readonly string[]
  readonly missing: readonly string[]
  readonly fields?: readonly string[]
  readonly relation?: string
}

/** Source: `permission-explain`. */
interface Explanation {
  readonly allowed: boolean
  readonly missing?: string
  readonly code?: string
  readonly grants: readonly Grant[]
  readonly denies: readonly Grant[]
  readonly rules: readonly Rule[]
  readonly depends: readonly Further[]
}

/** Actions of a resource that are about no row that there is. */
const withoutRow: ReadonlySet<string> = new Set(['list', 'create'])

/** The resource whose row an event is about; undefined: it is about none. */
const rowOf = (event: string) => {
  const told = app.value?.events[event]
  const resource = told?.resource === undefined ? undefined : resourceNamed(told.resource)
  const action = Object.entries(resource?.events ?? {}).find(([, name]) => name === event)?.[0]
  const isMany = Object.values(resource?.many ?? {}).includes(event)
  return resource === undefined || isMany || (action !== undefined && withoutRow.has(action)) ? undefined : resource
}

const EventChoice = ({ value, onChoose }: { readonly value: string; readonly onChoose: (event: string) => void }) => {
  const byOwner = new Map<string, string[]>()
  for (const [event, { owner, keys }] of Object.entries(app.value?.events ?? {}))
    if (keys.length > 0) byOwner.set(owner, [...(byOwner.get(owner) ?? []), event])
  return (
    <select id="why-event" value={value} onChange={({ currentTarget }) => onChoose(currentTarget.value)}>
      <option value="">{ta.value.rights.chooseEvent}</option>
      {[...byOwner].map(([owner, events]) => (
        <optgroup key={owner} label={resourceName(owner)}>
          {events.map((event) => (
            <option key={event} value={event}>
              {event}
            </option>
          ))}
        </optgroup>
      ))}
    </select>
  )
}

const Keys = ({ keys }: { readonly keys: readonly string[] }) => (
  <>
    {keys.map((key) => (
      <code key={key}>{key}</code>
    ))}
  </>
)

const Verdict = ({ reply: { allowed, missing, rules } }: { readonly reply: Explanation }) => {
  const texts = ta.value.rights
  const status = rules.find(({ rule }) => rule === 'status')
  return (
    <p class={`note ${allowed ? 'good' : 'bad'}`} role="status">
      <Icon name={allowed ? 'check' : 'close'} />{' '}
      <b>{allowed ? texts.allowed : texts.refused}</b>{' '}
      {missing !== undefined ? <>{texts.missing} <code>{missing}</code></> : status && texts.rules['status']}
    </p>
  )
}

const Reasons = ({ reply }: { readonly reply: Explanation }) => {
  const texts = ta.value.rights
  const told = reply.rules.filter(({ rule }) => rule !== 'status')
  return (
    <div class="reasons">
      <Verdict reply={reply} />
      {reply.grants.length > 0 && (
        <>
          <h3>{texts.granted}</h3>
          <ul class="links">{reply.grants.map((grant, index) => <GrantLine key={index} grant={grant} />)}</ul>
        </>
      )}
      {reply.denies.length > 0 && (
        <>
          <h3>{texts.denied}</h3>
          <ul class="links">{reply.denies.map((grant, index) => <GrantLine key={index} grant={grant} />)}</ul>
        </>
      )}
      {told.length > 0 && (
        <>
          <h3>{texts.also}</h3>
          <ul class="links">
            {told.map((rule, index) => (
              <li key={index}>
                <span>
                  {texts.rules[rule.rule] ?? rule.rule} {rule.key !== undefined && <code>{rule.key}</code>} {rule.reason}
                </span>
                <small>{rule.effect === 'allow' ? texts.allows : texts.forbids}</small>
              </li>
            ))}
          </ul>
        </>
      )}
      {reply.allowed && reply.depends.length > 0 && (
        <>
          <h3>{texts.depends}</h3>
          <ul class="links">
            {reply.depends.map((each, index) => (
              <li key={index}>
                <span>
                  {texts.when[each.when] ?? each.when} {(each.fields ?? [each.relation ?? '']).filter(Boolean).map(fieldName).join(', ')}
                </span>
                <small>{each.missing.length > 0 && <>{texts.missing} <Keys keys={each.missing} /></>}</small>
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  )
}

export const ExplainedRight = ({ userId, name }: { readonly userId: string; readonly name: string }) => {
  const [event, setEvent] = useState('')
  const [row, setRow] = useState<Row | null>(null)
  const target = rowOf(event)
  const asked = event === '' ? undefined : { userId, event, ...(row && target ? { id: row.id } : {}) }
  const { reply, error, isLoading } = useAsked<Explanation>('permission-explain', asked, { changes: ['user', 'role'] })
  const texts = ta.value.rights
  return (
    <section class="card" aria-labelledby="why">
      <h2 id="why">{texts.why(name)}</h2>
      <div class="lines">
        <div class="field">
          <label for="why-event">{texts.event}</label>
          <EventChoice
            value={event}
            onChoose={(next) => {
              if (rowOf(next) !== target) setRow(null)
              setEvent(next)
            }}
          />
        </div>
        {target && (
          <div class="field">
            <label for="why-row">{texts.on(resourceName(target.name))}</label>
            <Picker target={target.name} id="why-row" value={row} clearable placeholder={texts.anyRow} onPick={setRow} />
          </div>
        )}
      </div>
      {asked === undefined ? (
        <p class="none">{texts.whyAbout}</p>
      ) : error ? (
        <p class="fault" role="alert">
          {explained(error)}
        </p>
      ) : !reply || isLoading ? (
        <Skeleton lines={3} />
      ) : (
        <Reasons reply={reply} />
      )}
    </section>
  )
}
