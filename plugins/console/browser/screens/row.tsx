// One row of any resource: what it holds, a form for what one may change of it, and what belongs to it.
import type { DescribedResource } from '#sovrane'
import { ask, asError, type Row } from '../app/state.ts'
import { allows, allowsField, useAllowed } from '../app/allowed.ts'
import { explained } from '../app/explained.ts'
import { fieldName, resourceName, resourcesName, titleOf } from '../app/format.ts'
import { mayAsk, missingFor } from '../app/rights.ts'
import { go } from '../app/router.ts'
import { resourceNamed, useRow } from '../app/rows.ts'
import { t } from '../texts/texts.ts'
import { Button, Link } from '../shared/button.tsx'
import { confirmed } from '../shared/dialog.tsx'
import { EditForm } from '../shared/edit-form.tsx'
import { History } from '../shared/history.tsx'
import { notify } from '../shared/notices.tsx'
import { PersonAccess, RightsLink } from '../shared/person-access.tsx'
import { Empty, Page, Refused, Skeleton } from '../shared/page.tsx'
import { Refusal } from '../shared/refusal.tsx'
import { Relations } from '../shared/relations.tsx'
import { Time, Value } from '../shared/value.tsx'
import { NotFound } from './not-found.tsx'

/** What is only read, and what every row has. */
const Facts = ({
  resource,
  row,
  shown,
}: {
  readonly resource: DescribedResource
  readonly row: Row
  readonly shown: ReadonlySet<string>
}) => {
  const fields = resource.fields.filter(({ name, base, writeOnly }) => !base && !writeOnly && !shown.has(name) && name in row)
  return (
    <dl class="facts card">
      {fields.map((field) => (
        <div key={field.name} data-field={field.name}>
          <dt>{fieldName(field.name)}</dt>
          <dd>
            <Value resource={resource} field={field} row={row} />
          </dd>
        </div>
      ))}
      <div>
        <dt>{fieldName('createdAt')}</dt>
        <dd>
          <Time value={row['createdAt']} />
        </dd>
      </div>
      <div>
        <dt>{fieldName('updatedAt')}</dt>
        <dd>
          <Time value={row['updatedAt']} />
        </dd>
      </div>
      <div>
        <dt>{fieldName('version')}</dt>
        <dd>{String(row['version'])}</dd>
      </div>
      <div>
        <dt>{t.value.id}</dt>
        <dd>
          <code>{row.id}</code>
        </dd>
      </div>
    </dl>
  )
}

const remove = async (resource: DescribedResource, row: Row): Promise<void> => {
  const name = titleOf(resource, row)
  if (!(await confirmed({ title: t.value.deleteOne(name), text: t.value.deleteAbout, yes: t.value.delete }))) return
  try {
    await ask(resource.events['delete'] ?? '', { id: row.id, ifVersion: row['version'] })
    notify(t.value.deletedOne(name))
    go(`/resources/${resource.name}`, { replace: true })
  } catch (thrown) {
    notify(explained(asError(thrown)), { kind: 'bad' })
  }
}

const RowPage = ({ resource, id }: { readonly resource: DescribedResource; readonly id: string }) => {
  const { row, error, isGone, read } = useRow(resource, id)
  const allowed = useAllowed(resource, id, row)
  const back = mayAsk(resource.events['list']) ? <Link to={`/resources/${resource.name}`}>{resourcesName(resource)}</Link> : undefined
  if (error?.code === 'forbidden')
    return (
      <Page title={resourceName(resource.name)}>
        <Refusal keys={missingFor(resource.events['get'] ?? '')} />
      </Page>
    )
  if (error)
    return (
      <Page title={resourceName(resource.name)} back={back}>
        <Refused error={error} again={read} />
      </Page>
    )
  if (!row || !allowed)
    return (
      <Page title={resourceName(resource.name)} back={back}>
        <Skeleton lines={8} />
      </Page>
    )
  const fields = resource.fields.filter((field) => allowsField(allowed, row, field) && (field.writeOnly || field.name in row))
  const title = titleOf(resource, row)
  if (isGone)
    return (
      <Page title={title} back={back}>
        <Empty icon="bin" title={t.value.gone}>
          {back}
        </Empty>
      </Page>
    )
  return (
    <Page
      title={title}
      back={back}
      actions={
        <>
          <RightsLink resource={resource} row={row} />
          {allows(allowed, resource.events['delete']) && (
            <Button kind="danger" icon="bin" onClick={() => void remove(resource, row)}>
              {t.value.delete}
            </Button>
          )}
        </>
      }
    >
      <div class="beside">
        {fields.length > 0 && <EditForm resource={resource} row={row} fields={fields} />}
        <Facts resource={resource} row={row} shown={new Set(fields.map(({ name }) => name))} />
      </div>
      <Relations resource={resource} row={row} allowed={allowed} />
      <PersonAccess resource={resource} row={row} allowed={allowed} />
      <History resource={resource} row={row} />
    </Page>
  )
}

export const view = ({ params }: { readonly params: Readonly<Record<string, string>> }) => {
  const resource = resourceNamed(params['resource'] ?? '')
  const id = params['id'] ?? ''
  return resource ? <RowPage key={`${resource.name} ${id}`} resource={resource} id={id} /> : <NotFound />
}
