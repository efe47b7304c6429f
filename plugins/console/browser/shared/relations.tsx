// What belongs to a row: its relations to many, each a live list whose links are added and taken away, with a way back.
import { useState } from 'preact/hooks'
import type { DescribedRelation, DescribedResource } from '#sovrane'
import { ask, asError, type Payload, type Row } from '../app/state.ts'
import { allows, type Allowed } from '../app/allowed.ts'
import { explained } from '../app/explained.ts'
import { useLiveList } from '../app/live.ts'
import { fieldName, number, textOf, titleOf } from '../app/format.ts'
import { mayAsk } from '../app/rights.ts'
import { resourceNamed } from '../app/rows.ts'
import { t } from '../texts/texts.ts'
import { Button, Link } from './button.tsx'
import { notify } from './notices.tsx'
import { Skeleton } from './page.tsx'
import { Picker } from './picker.tsx'
import { rowPath } from './value.tsx'
import { Field } from './widgets.tsx'

interface Related {
  readonly resource: DescribedResource
  readonly relation: DescribedRelation
  readonly target: DescribedResource
  readonly row: Row
  readonly allowed: Allowed
}

const limit = 20

/** What a link has of its own, as it is sent. */
const columnsIn = ({ columns }: DescribedRelation, from: Payload): Payload =>
  Object.fromEntries(
    columns.flatMap(({ name }) => (from[name] === null || from[name] === undefined || from[name] === false ? [] : [[name, from[name]]])),
  )

/** Tries it; what is refused is said. @returns whether it was done */
const tried = async (work: () => Promise<unknown>): Promise<boolean> => {
  try {
    await work()
    return true
  } catch (thrown) {
    notify(explained(asError(thrown)), { kind: 'bad' })
    return false
  }
}

const AddLink = ({ relation, row, shown }: Pick<Related, 'relation' | 'row'> & { readonly shown: readonly Row[] }) => {
  const [own, setOwn] = useState<Payload>({})
  const event = relation.events['add'] ?? ''
  return (
    <div class="add-link">
      <Picker
        target={relation.target}
        label={t.value.addTo(fieldName(relation.name))}
        value={null}
        placeholder={t.value.add}
        except={relation.columns.length > 0 ? [] : shown.map(({ id }) => id)}
        onPick={(picked) => {
          if (picked) void tried(() => ask(event, { id: row.id, [relation.payload]: picked.id, ...columnsIn(relation, own) }))
        }}
      />
      {relation.columns.map(({ name, schema }) => (
        <Field
          key={name}
          id={`link-${relation.name}-${name}`}
          field={{ name, schema, required: false }}
          value={own[name]}
          onChange={(value) => setOwn((now) => ({ ...now, [name]: value }))}
        />
      ))}
    </div>
  )
}

const RelationList = ({ resource, relation, target, row, allowed }: Related) => {
  const [page, setPage] = useState(1)
  const list = useLiveList([resource.name, relation.name], { id: row.id, limit, page })
  const mayAdd = allows(allowed, relation.events['add']) && mayAsk(target.events['list'])
  const mayTake = allows(allowed, relation.events['remove'])
  const take = async (item: Row): Promise<void> => {
    const link = { id: row.id, [relation.payload]: item.id, ...columnsIn(relation, item) }
    if (!(await tried(() => ask(relation.events['remove'] ?? '', link)))) return
    notify(t.value.taken(titleOf(target, item)), { undo: () => void tried(() => ask(relation.events['add'] ?? '', link)) })
  }
  const last = Math.max(1, Math.ceil(list.total / limit))
  const isLoading = list.status === 'loading' && list.items.length === 0
  return (
    <section class="card relation" aria-labelledby={`relation-${relation.name}`}>
      <h2 id={`relation-${relation.name}`}>
        {fieldName(relation.name)} {!isLoading && <small>{number(list.total)}</small>}
      </h2>
      {mayAdd && <AddLink relation={relation} row={row} shown={list.items} />}
      {list.error ? (
        <p class="fault">{explained(list.error)}</p>
      ) : isLoading ? (
        <Skeleton lines={3} />
      ) : list.items.length === 0 ? (
        <p class="none">{mayAdd ? t.value.noLinksYet : t.value.noLinks}</p>
      ) : (
        <ul class="links">
          {list.items.map((item) => (
            <li key={`${item.id} ${JSON.stringify(columnsIn(relation, item))}`}>
              <Link to={rowPath(target.name, item.id)}>
                <bdi>{titleOf(target, item)}</bdi>
              </Link>
              {relation.columns.map(({ name }) =>
                item[name] === null || item[name] === false || item[name] === undefined ? null : (
                  <span key={name} class="badge">
                    {fieldName(name)}
                    {item[name] === true ? '' : `: ${textOf(item[name])}`}
                  </span>
                ),
              )}
              {mayTake && (
                <Button kind="quiet" icon="close" label={t.value.takeAway(titleOf(target, item))} onClick={() => void take(item)} />
              )}
            </li>
          ))}
        </ul>
      )}
      {last > 1 && (
        <p class="pages">
          <Button kind="quiet" icon="left" label={t.value.previousPage} disabled={page <= 1} onClick={() => setPage(page - 1)} />
          <span>{t.value.pageOf(number(page), number(last))}</span>
          <Button kind="quiet" icon="right" label={t.value.nextPage} disabled={page >= last} onClick={() => setPage(page + 1)} />
        </p>
      )}
    </section>
  )
}

/** Those that have a list of their own; what is a field stands in the form already. */
export const Relations = ({ resource, row, allowed }: Pick<Related, 'resource' | 'row' | 'allowed'>) => {
  const shown = resource.relations.filter(
    ({ kind, field, events }) => kind === 'many' && field === undefined && allows(allowed, events['list']),
  )
  if (shown.length === 0) return null
  return (
    <div class="relations">
      {shown.map((relation) => {
        const target = resourceNamed(relation.target)
        const related = { resource, relation, row, allowed }
        return target && <RelationList key={relation.name} {...related} target={target} />
      })}
    </div>
  )
}
