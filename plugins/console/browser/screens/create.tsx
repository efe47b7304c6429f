// A new row of any resource: a form of what it may be given.
import { app, ask, type Row } from '../app/state.ts'
import type { DescribedResource } from '#sovrane'
import { sent, useForm } from '../app/form.ts'
import { resourceName, resourcesName, titleOf } from '../app/format.ts'
import { mayAsk, mayWrite, missingFor } from '../app/rights.ts'
import { go, place } from '../app/router.ts'
import { initialOf } from '../app/schema.ts'
import { t } from '../texts/texts.ts'
import { Button, Link } from '../shared/button.tsx'
import { notify } from '../shared/notices.tsx'
import { Page } from '../shared/page.tsx'
import { Refusal } from '../shared/refusal.tsx'
import { rowPath } from '../shared/value.tsx'
import { Field } from '../shared/widgets.tsx'
import { NotFound } from './not-found.tsx'

const isEmpty = (value: unknown): boolean => value === undefined || value === null || value === ''

const Create = ({ resource }: { readonly resource: DescribedResource }) => {
  const fields = resource.fields.filter((field) => mayWrite(resource, field))
  const given = place.value.query
  const form = useForm(fields, Object.fromEntries(fields.map(({ name, schema }) => [name, given.get(name) ?? initialOf(schema)])), {
    guard: true,
  })
  const list = `/resources/${resource.name}`
  const save = (): Promise<void> =>
    form.submit(async () => {
      const payload = Object.fromEntries(
        fields.flatMap((field) => {
          const value = sent(field, form.values[field.name])
          return isEmpty(value) ? [] : [[field.name, value]]
        }),
      )
      const row = await ask<Row>(resource.events['create'] ?? '', payload)
      form.reset(form.values)
      notify(t.value.made(titleOf(resource, { ...payload, ...row })))
      go(mayAsk(resource.events['get']) ? rowPath(resource.name, row.id) : list, { replace: true })
    })
  return (
    <Page
      title={t.value.make(resourceName(resource.name))}
      narrow
      back={mayAsk(resource.events['list']) && <Link to={list}>{resourcesName(resource)}</Link>}
    >
      <form
        class="card"
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          void save()
        }}
      >
        {fields.map((field) => (
          <Field
            resource={resource.name}
            key={field.name}
            field={field}
            relation={resource.relations.find(({ name }) => name === field.relation)}
            value={form.values[field.name]}
            error={form.errors[field.name]}
            onChange={(value) => form.set(field.name, value)}
          />
        ))}
        {form.failure !== undefined && (
          <p class="fault" role="alert">
            {form.failure}
          </p>
        )}
        <footer>
          <Button onClick={() => go(list)}>{t.value.cancel}</Button>
          <Button kind="main" type="submit" busy={form.isBusy}>
            {t.value.create}
          </Button>
        </footer>
      </form>
    </Page>
  )
}

export const view = ({ params }: { readonly params: Readonly<Record<string, string>> }) => {
  const resource = app.value?.resources.find(({ name }) => name === params['resource'])
  if (!resource) return <NotFound />
  if (!mayAsk(resource.events['create']))
    return (
      <Page title={resourceName(resource.name)}>
        <Refusal keys={missingFor(resource.events['create'] ?? '')} />
      </Page>
    )
  return <Create key={resource.name} resource={resource} />
}
