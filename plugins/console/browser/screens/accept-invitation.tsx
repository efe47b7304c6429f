// Where the link of an invitation leads: a name and a password, and one is in.
import { useEffect, useState } from 'preact/hooks'
import { ask, asError } from '../app/state.ts'
import { useForm } from '../app/form.ts'
import { time } from '../app/format.ts'
import { go } from '../app/router.ts'
import { explained } from '../app/explained.ts'
import { t } from '../texts/texts.ts'
import { ButtonLink } from '../shared/button.tsx'
import { Gate, PolicyHint, useToken } from '../shared/gate.tsx'
import { Line, needed, OwnForm } from '../shared/line.tsx'
import { Skeleton } from '../shared/page.tsx'

interface Invitation {
  readonly email: string
  readonly firstName: string | null
  readonly lastName: string | null
  readonly role: string | null
  readonly expiresAt: string
}

const Accept = ({ token, invitation }: { readonly token: string; readonly invitation: Invitation }) => {
  const { email, firstName, lastName, role, expiresAt } = invitation
  const form = useForm(['firstName', 'lastName', 'password'].map(needed), { firstName: firstName ?? '', lastName: lastName ?? '' })
  const { invited, login, fields } = t.value
  const send = async (): Promise<void> => {
    await ask('invitation-accept', { token, ...form.values })
    go('/', { replace: true })
  }
  return (
    <OwnForm form={form} send={send} submit={invited.submit}>
      <p>
        {invited.about(email)} {role !== null && invited.role(role)} <small>{invited.until(time(expiresAt))}</small>
      </p>
      <Line form={form} name="firstName" label={fields.firstName} autocomplete="given-name" autofocus />
      <Line form={form} name="lastName" label={fields.lastName} autocomplete="family-name" />
      <input type="hidden" name="email" autocomplete="username" value={email} />
      <Line form={form} name="password" label={login.choosePassword} type="password" autocomplete="new-password" hint={<PolicyHint />} />
    </OwnForm>
  )
}

export const view = () => {
  const token = useToken()
  const [state, setState] = useState<{ readonly invitation?: Invitation; readonly fault?: string }>({})
  const { invited, login } = t.value
  useEffect(() => {
    ask<Invitation>('invitation-fetch', { token }).then(
      (invitation) => setState({ invitation }),
      (thrown: unknown) => {
        const error = asError(thrown)
        const isUnknown = ['not_found', 'invalid_payload'].includes(error.code)
        setState({ fault: isUnknown ? t.value.invited.unknown : explained(error) })
      },
    )
  }, [token])
  return (
    <Gate title={invited.title}>
      {state.invitation ? (
        <Accept token={token} invitation={state.invitation} />
      ) : state.fault === undefined ? (
        <Skeleton />
      ) : (
        <>
          <p role="alert">{state.fault}</p>
          <footer>
            <ButtonLink to="/">{login.toLogin}</ButtonLink>
          </footer>
        </>
      )}
    </Gate>
  )
}
