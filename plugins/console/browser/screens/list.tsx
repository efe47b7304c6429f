// The list of any resource: live, searched, filtered, sorted, in chosen columns, with actions on what is selected.
import { useEffect, useMemo, useState } from 'preact/hooks'
import { app, type Row } from '../app/state.ts'
import { place, goQuery, go } from '../app/router.ts'
import { mayAsk, mayDelete, mayUpdate, missingFor } from '../app/rights.ts'
import { columnsOf, conditionsIn, queryOf, usualColumns } from '../app/list-query.ts'
import { useRowScopes } from '../app/row-scopes.ts'
import { useLiveList } from '../app/live.ts'
import { keep, kept } from '../app/kept.ts'
import { fieldName, number, prepareFormats, resourceName, resourcesName } from '../app/format.ts'
import { t } from '../texts/texts.ts'
import type { DescribedResource } from '#sovrane'
import { Button, ButtonLink } from '../shared/button.tsx'
import { DropDown } from '../shared/drop-down.tsx'
import { Empty, Page, Refused } from '../shared/page.tsx'
import { Pages } from '../shared/pages.tsx'
import { Table } from '../shared/table.tsx'
import { later } from '../shared/later.tsx'
import { Refusal } from '../shared/refusal.tsx'
import { Views } from '../shared/views.tsx'
import { SearchBox } from '../shared/search-box.tsx'
import { NotFound } from './not-found.tsx'

const ColumnChoice = ({
  resource,
  chosen,
  onChoose,
}: {
  readonly resource: DescribedResource
  readonly chosen: readonly string[]
  readonly onChoose: (names: readonly string[]) => void
}) => (
  <DropDown icon="columns" label={t.value.columns}>
    <fieldset>
      <legend class="unseen">{t.value.columns}</legend>
      {columnsOf(resource).map(({ name }) => (
        <label key={name}>
          <input
            type="checkbox"
            checked={chosen.includes(name)}
            onChange={({ currentTarget: { checked } }) =>
              onChoose(
                columnsOf(resource)
                  .map((field) => field.name)
                  .filter((each) => (each === name ? checked : chosen.includes(each))),
              )
            }
          />
          {fieldName(name)}
        </label>
      ))}
    </fieldset>
  </DropDown>
)

const Filters = later(async () => (await import('../shared/filters.tsx')).Filters)
const BulkActions = later(async () => (await import('../shared/bulk.tsx')).BulkActions)

const isNames = (value: unknown): value is readonly string[] => Array.isArray(value) && value.every((each) => typeof each === 'string')

const EmptyList = ({ resource, isNarrowed }: { readonly resource: DescribedResource; readonly isNarrowed: boolean }) =>
  isNarrowed ? (
    <Empty icon="search" title={t.value.nothingMatches}>
      <Button onClick={() => go(place.value.path)}>{t.value.showAll}</Button>
    </Empty>
  ) : (
    <Empty title={t.value.noneYet(resourcesName(resource))}>
      {mayAsk(resource.events['create']) ? (
        <ButtonLink kind="main" icon="plus" to={`${place.value.path}/new`}>
          {t.value.make(resourceName(resource.name))}
        </ButtonLink>
      ) : (
        <p>{t.value.noneYetAbout}</p>
      )}
    </Empty>
  )

const List = ({ resource }: { readonly resource: DescribedResource }) => {
  const remembered = kept(`columns.${resource.name}`)
  const [names, setNames] = useState<readonly string[]>(isNames(remembered) ? remembered : usualColumns(resource))
  const [isFiltering, setFiltering] = useState(false)
  const [selected, setSelected] = useState<ReadonlyMap<string, Row>>(new Map())
  const columns = columnsOf(resource).filter(({ name }) => names.includes(name))
  const { query } = place.value
  const mayList = mayAsk(resource.events['list'])
  const payload = useMemo(() => queryOf(resource, query, columns), [resource, query, names])
  const list = useLiveList([resource.name], mayList ? payload : undefined)
  useRowScopes(resource, list.items)
  // What is gone, or is on another page, is not selected any longer: an action is on what one sees.
  const visible = new Map(list.items.filter(({ id }) => selected.has(id)).map((row) => [row.id, row]))
  const chosen = [...visible.values()].filter((row) => mayUpdate(resource, row) || mayDelete(resource, row))
  const conditions = conditionsIn(query.get('filter'), resource)
  const isNarrowed = conditions.length > 0 || (query.get('search') ?? '') !== ''
  const lastPage = Math.max(1, Math.ceil(list.total / (Number(payload['limit']) || 1)))
  useEffect(() => {
    if (list.status === 'live' && Number(payload['page']) > lastPage)
      goQuery({ page: lastPage === 1 ? undefined : String(lastPage) }, { replace: true })
  }, [list.status, lastPage])
  useEffect(prepareFormats, [])
  const path = `/resources/${resource.name}`
  const make = mayAsk(resource.events['create']) && (
    <ButtonLink kind="main" icon="plus" to={`${path}/new`}>
      {t.value.make(resourceName(resource.name))}
    </ButtonLink>
  )
  if (!mayList)
    return (
      <Page title={resourcesName(resource)} actions={make}>
        <Refusal keys={missingFor(resource.events['list'] ?? '')} />
      </Page>
    )
  return (
    <Page
      title={resourcesName(resource)}
      about={list.status === 'loading' && list.items.length === 0 ? ' ' : t.value.inAll(number(list.total))}
      actions={<><Views resource={resource} current="list" />{make}</>}
    >
      <div class="bar">
        {resource.list.search.length > 0 && <SearchBox label={t.value.searchIn(resourcesName(resource))} />}
        <Button icon="filter" expanded={isFiltering || conditions.length > 0} onClick={() => setFiltering((now) => !now)}>
          {conditions.length > 0 ? t.value.filtersOn(conditions.length) : t.value.filter}
        </Button>
        <ColumnChoice
          resource={resource}
          chosen={names}
          onChoose={(next) => {
            setNames(next)
            keep(`columns.${resource.name}`, next)
          }}
        />
      </div>
      {(isFiltering || conditions.length > 0) && (
        <Filters resource={resource} conditions={conditions} onClose={() => setFiltering(false)} />
      )}
      {chosen.length > 0 && (
        <BulkActions
          resource={resource}
          rows={chosen}
          onDone={() => setSelected(new Map())}
        />
      )}
      {list.status === 'error' && list.error ? (
        <Refused error={list.error} again={list.refresh} />
      ) : list.status === 'live' && list.items.length === 0 ? (
        <EmptyList resource={resource} isNarrowed={isNarrowed} />
      ) : (
        <>
          <Table
            resource={resource}
            columns={columns}
            list={list}
            sort={query.get('sort') ?? ''}
            selected={visible}
            onSelect={setSelected}
            onSort={(sort) => goQuery({ sort, page: undefined }, { replace: true })}
          />
          <Pages
            page={Number(payload['page'])}
            limit={Number(payload['limit'])}
            total={list.total}
            isLoading={list.status === 'loading'}
          />
        </>
      )}
    </Page>
  )
}

export const view = ({ params }: { readonly params: Readonly<Record<string, string>> }) => {
  const resource = app.value?.resources.find(({ name }) => name === params['resource'])
  return resource ? <List key={resource.name} resource={resource} /> : <NotFound />
}
