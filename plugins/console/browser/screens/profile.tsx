// One's own page: name and language, password, address, second factor, sessions. Everyone has it, whatever else they may do.
import { titleOf } from '../app/format.ts'
import { sent, useForm } from '../app/form.ts'
import { mayWrite } from '../app/rights.ts'
import { resourceNamed } from '../app/rows.ts'
import { ask, me, readMe, type Me } from '../app/state.ts'
import type { DescribedResource } from '#sovrane'
import { t } from '../texts/texts.ts'
import { ta } from '../texts/administration/texts.ts'
import { Button, Link } from '../shared/button.tsx'
import { notify } from '../shared/notices.tsx'
import { Page } from '../shared/page.tsx'
import { AddressForm, PasswordForm } from '../shared/own-account.tsx'
import { SecondFactor } from '../shared/second-factor.tsx'
import { OwnSessions } from '../shared/own-sessions.tsx'
import { OwnTokens } from '../shared/own-tokens.tsx'
import { rowPath } from '../shared/value.tsx'
import { Field } from '../shared/widgets.tsx'

const own = ['firstName', 'lastName', 'locale'] as const

const About = ({ resource, user }: { readonly resource: DescribedResource; readonly user: Me['user'] }) => {
  const fields = resource.fields.filter((field) => own.some((name) => name === field.name) && mayWrite(resource, field, user))
  const form = useForm(fields, user)
  const save = (): Promise<void> =>
    form.submit(async () => {
      await ask(resource.events['update'] ?? '', {
        id: user.id,
        ...Object.fromEntries(
          fields.filter(({ name }) => form.changed.includes(name)).map((field) => [field.name, sent(field, form.values[field.name])]),
        ),
      })
      await readMe()
      form.reset(form.values)
      notify(t.value.saved)
    })
  return (
    <form
      class="card"
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        void save()
      }}
    >
      <h2>{t.value.profile.about}</h2>
      {fields.map((field) => (
        <Field
          key={field.name}
          field={field}
          value={form.values[field.name]}
          error={form.errors[field.name]}
          onChange={(value) => form.set(field.name, value)}
          hint={field.name === 'locale' ? t.value.profile.localeHint : undefined}
        />
      ))}
      {form.failure !== undefined && (
        <p class="fault" role="alert">
          {form.failure}
        </p>
      )}
      <footer>
        <Button kind="main" type="submit" busy={form.isBusy} disabled={form.changed.length === 0}>
          {t.value.save}
        </Button>
      </footer>
    </form>
  )
}

/** What one may do, in words: for people with few rights this is what they ask first. */
const Rights = ({ keys, user }: Pick<Me, 'keys' | 'user'>) => (
  <section class="card">
    <h2>
      {t.value.profile.rights} <Link to={`${rowPath('user', user.id)}/rights`}>{ta.value.rights.show}</Link>
    </h2>
    {keys.length === 0 ? (
      <p>{t.value.profile.noRights}</p>
    ) : (
      <ul class="keys">
        {keys.map(({ key, scopes }) => (
          <li key={key}>
            <code>{key}</code>
            {scopes !== null && <small> {t.value.inScopes(scopes.length)}</small>}
          </li>
        ))}
      </ul>
    )}
  </section>
)

export const view = () => {
  const mine = me.value
  const resource = resourceNamed('user')
  if (!mine || !resource) return null
  const email = String(mine.user['email'])
  return (
    <Page title={titleOf(resource, mine.user)} about={email}>
      <div class="cards">
        <About key={mine.user.id} resource={resource} user={mine.user} />
        <SecondFactor user={mine.user} />
        <PasswordForm />
        <AddressForm email={email} />
        <OwnSessions />
        <OwnTokens />
        <Rights keys={mine.keys} user={mine.user} />
      </div>
    </Page>
  )
}
