// Where the link of a reset mail leads: a new password.
import { useState } from 'preact/hooks'
import { ask } from '../app/state.ts'
import { useForm } from '../app/form.ts'
import { t } from '../texts/texts.ts'
import { ButtonLink } from '../shared/button.tsx'
import { Gate, PolicyHint, useToken } from '../shared/gate.tsx'
import { Line, needed, OwnForm } from '../shared/line.tsx'

export const view = () => {
  const token = useToken()
  const form = useForm([needed('password')], {})
  const [isDone, setDone] = useState(false)
  const { forgotten, login } = t.value
  const send = async (): Promise<void> => {
    await ask('auth-reset', { token, password: form.values['password'] })
    setDone(true)
  }
  if (isDone)
    return (
      <Gate title={forgotten.done}>
        <p role="status">{login.passwordSet}</p>
        <footer>
          <ButtonLink kind="main" to="/">
            {login.toLogin}
          </ButtonLink>
        </footer>
      </Gate>
    )
  if (token === '')
    return (
      <Gate title={login.newPassword}>
        <p>{forgotten.noToken}</p>
        <footer>
          <ButtonLink to="/forgot-password">{login.forgotten}</ButtonLink>
        </footer>
      </Gate>
    )
  return (
    <Gate title={login.newPassword}>
      <OwnForm
        form={form}
        send={send}
        submit={login.setPassword}
        more={
          <ButtonLink kind="quiet" to="/forgot-password">
            {forgotten.newLink}
          </ButtonLink>
        }
      >
        <Line
          form={form}
          name="password"
          label={login.newPassword}
          type="password"
          autocomplete="new-password"
          autofocus
          hint={<PolicyHint />}
        />
      </OwnForm>
    </Gate>
  )
}
