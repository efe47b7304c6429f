// What a person may do and why: each key with where it reaches and what it comes from, and an answer to "why may they, why not".
import { useState } from 'preact/hooks'
import type { DescribedResource } from '#sovrane'
import { useAsked } from '../app/asked.ts'
import { titleOf } from '../app/format.ts'
import { mayAsk, missingFor } from '../app/rights.ts'
import { resourceNamed, useRow } from '../app/rows.ts'
import { me, type EffectiveKey } from '../app/state.ts'
import { t } from '../texts/texts.ts'
import { ta } from '../texts/administration/texts.ts'
import { Link } from '../shared/button.tsx'
import { ExplainedRight } from '../shared/explained-right.tsx'
import { GrantLine, Origin, Reach, type Grant, type Named } from '../shared/grants.tsx'
import { useScopeNames } from '../shared/matrix.tsx'
import { Empty, Page, Refused, Skeleton } from '../shared/page.tsx'
import { Refusal } from '../shared/refusal.tsx'
import { rowPath } from '../shared/value.tsx'
import { NotFound } from './not-found.tsx'

interface HeldKey {
  readonly key: string
  /** Null: everywhere. */
  readonly scopes: readonly Named[] | null
  readonly except: readonly Named[]
  readonly rows: readonly Named[]
}

/** Source: `permission-held`. */
interface Held {
  readonly ended?: string
  readonly keys: readonly HeldKey[]
  readonly grants: readonly Grant[]
  readonly denies: readonly Grant[]
}

const everything = 'root'

/** What a key comes from: each role or row once. */
const originsOf = (key: string, grants: readonly Grant[]): readonly Grant[] => {
  const own = grants.filter((grant) => grant.key === key || grant.key === everything)
  return own.filter((grant, index) => own.findIndex(({ from }) => JSON.stringify(from) === JSON.stringify(grant.from)) === index)
}

const KeyTable = ({ keys, grants }: { readonly keys: readonly HeldKey[]; readonly grants?: readonly Grant[] | undefined }) => {
  const [search, setSearch] = useState('')
  const texts = ta.value.rights
  const shown = keys.filter(({ key }) => key.includes(search.trim().toLowerCase()))
  return (
    <>
      <div class="bar">
        <input
          type="search"
          class="narrow"
          data-search
          aria-label={t.value.matrix.find}
          placeholder={t.value.matrix.find}
          value={search}
          onInput={({ currentTarget }) => setSearch(currentTarget.value)}
        />
      </div>
      <div class="wide" tabIndex={0} role="region" aria-label={texts.keys}>
        <table>
          <thead>
            <tr>
              <th scope="col">{texts.key}</th>
              <th scope="col">{texts.where}</th>
              {grants && <th scope="col">{texts.by}</th>}
            </tr>
          </thead>
          <tbody>
            {shown.map((held, index) => (
              <tr key={`${held.key} ${index}`}>
                <th scope="row">
                  <code>{held.key}</code>
                </th>
                <td>
                  <Reach {...held} />
                </td>
                {grants && (
                  <td>
                    {originsOf(held.key, grants).map((grant, at) => (
                      <span key={at}>
                        {at > 0 && ' · '}
                        <Origin from={grant.from} />
                      </span>
                    ))}
                  </td>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  )
}

const Keys = ({ keys, grants, denies = [] }: {
  readonly keys: readonly HeldKey[]
  readonly grants?: readonly Grant[]
  readonly denies?: readonly Grant[]
}) => {
  const texts = ta.value.rights
  return (
    <section class="keys-held" aria-labelledby="keys">
      <h2 id="keys">
        {texts.keys} <small>{keys.length}</small>
      </h2>
      {denies.length > 0 && (
        <div class="card">
          <h2>{texts.denied}</h2>
          <ul class="links">{denies.map((grant, index) => <GrantLine key={index} grant={grant} />)}</ul>
        </div>
      )}
      {keys.length === 0 ? <Empty icon="key" title={texts.none} /> : <KeyTable keys={keys} grants={grants} />}
    </section>
  )
}

/** One's own keys, for those who may not ask where they come from. */
const OwnKeys = ({ keys }: { readonly keys: readonly EffectiveKey[] }) => {
  const names = useScopeNames([...new Set(keys.flatMap(({ scopes, except }) => [...(scopes ?? []), ...except]))])
  const named = (ids: readonly string[]): Named[] => ids.map((id) => {
    const found = names.get(id)
    return found ? { resource: found.resource, id, label: found.title } : {}
  })
  return (
    <Keys
      keys={keys.map(({ key, scopes, except, rows }) => ({ key, scopes: scopes && named(scopes), except: named(except), rows }))}
    />
  )
}

const AllKeys = ({ id }: { readonly id: string }) => {
  const { reply, error, again } = useAsked<Held>('permission-held', { userId: id }, { changes: ['user', 'role', 'group'] })
  if (error && !reply) return <Refused error={error} again={again} />
  if (!reply) return <Skeleton lines={8} />
  return (
    <>
      {reply.ended !== undefined && <p class="note">{ta.value.rights.rules['status']}</p>}
      <Keys {...reply} />
    </>
  )
}

const Rights = ({ people, id }: { readonly people: DescribedResource; readonly id: string }) => {
  const { row, error, read } = useRow(people, id)
  const mine = me.value
  const texts = ta.value.rights
  const isOwn = id === mine?.user.id
  const mayKnow = mayAsk('permission-held')
  const name = row ? titleOf(people, row) : ''
  const back = isOwn ? <Link to="/profile">{t.value.ownPage}</Link> : row && <Link to={rowPath(people.name, id)}>{name}</Link>
  if (!mayKnow && !isOwn)
    return (
      <Page title={texts.title}>
        <Refusal keys={missingFor('permission-held')} />
      </Page>
    )
  if (error)
    return (
      <Page title={texts.title}>
        <Refused error={error} again={read} />
      </Page>
    )
  if (!row)
    return (
      <Page title={texts.title}>
        <Skeleton lines={8} />
      </Page>
    )
  return (
    <Page title={isOwn ? texts.own : texts.of(name)} about={texts.about} back={back}>
      {mayKnow && <ExplainedRight userId={id} name={name} />}
      {mayKnow ? <AllKeys id={id} /> : <OwnKeys keys={mine?.keys ?? []} />}
    </Page>
  )
}

export const view = ({ params }: { readonly params: Readonly<Record<string, string>> }) => {
  const people = resourceNamed('user')
  return people ? <Rights key={params['id']} people={people} id={params['id'] ?? ''} /> : <NotFound />
}
