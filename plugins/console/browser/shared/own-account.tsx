// One's own password and address.
import { useState } from 'preact/hooks'
import { ask } from '../app/state.ts'
import { useForm } from '../app/form.ts'
import { t } from '../texts/texts.ts'
import { PolicyHint } from './gate.tsx'
import { Line, needed, OwnForm } from './line.tsx'
import { notify } from './notices.tsx'

export const PasswordForm = () => {
  const form = useForm(['currentPassword', 'newPassword'].map(needed), {})
  const { login, profile } = t.value
  const send = async (): Promise<void> => {
    await ask('auth-change-password', form.values)
    form.reset({})
    notify(profile.passwordChanged)
  }
  return (
    <section class="card" id="password">
      <h2>{login.password}</h2>
      <OwnForm form={form} send={send} submit={profile.changePassword}>
        <Line form={form} name="currentPassword" label={profile.currentPassword} type="password" autocomplete="current-password" />
        <Line
          form={form}
          name="newPassword"
          label={login.newPassword}
          type="password"
          autocomplete="new-password"
          hint={<PolicyHint />}
        />
      </OwnForm>
    </section>
  )
}

export const AddressForm = ({ email }: { readonly email: string }) => {
  const form = useForm(['email', 'password'].map(needed), {})
  const [isSent, setSent] = useState(false)
  const { login, profile } = t.value
  const send = async (): Promise<void> => {
    await ask('auth-change-email', form.values)
    form.reset({})
    setSent(true)
  }
  return (
    <section class="card">
      <h2>{login.email}</h2>
      <p>
        <b>{email}</b>
      </p>
      {isSent && (
        <p class="note" role="status">
          {profile.proofSent}
        </p>
      )}
      <OwnForm form={form} send={send} submit={profile.changeEmail}>
        <Line form={form} name="email" label={profile.newEmail} type="email" autocomplete="email" />
        <Line form={form} name="password" label={profile.currentPassword} type="password" autocomplete="current-password" />
      </OwnForm>
    </section>
  )
}
