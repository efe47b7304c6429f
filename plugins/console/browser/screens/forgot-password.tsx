// Asks for a mail with a link to set a new password.
import { useState } from 'preact/hooks'
import { ask } from '../app/state.ts'
import { useForm } from '../app/form.ts'
import { t } from '../texts/texts.ts'
import { ButtonLink, Link } from '../shared/button.tsx'
import { Gate } from '../shared/gate.tsx'
import { Line, needed, OwnForm } from '../shared/line.tsx'

export const view = () => {
  const form = useForm([needed('email')], {})
  const [isSent, setSent] = useState(false)
  const { forgotten, login } = t.value
  const send = async (): Promise<void> => {
    await ask('auth-request-reset', { email: form.values['email'] })
    setSent(true)
  }
  if (isSent)
    return (
      <Gate title={forgotten.title}>
        <p role="status">{forgotten.sent}</p>
        <footer>
          <ButtonLink to="/">{login.toLogin}</ButtonLink>
        </footer>
      </Gate>
    )
  return (
    <Gate title={forgotten.title}>
      <OwnForm form={form} send={send} submit={forgotten.submit} more={<Link to="/">{login.toLogin}</Link>}>
        <p>{forgotten.about}</p>
        <Line form={form} name="email" label={login.email} type="email" autocomplete="username" autofocus />
      </OwnForm>
    </Gate>
  )
}
