// Where the link that proves a new address leads. It is confirmed by a press: programs that look at links of mails confirm nothing.
import { useState } from 'preact/hooks'
import { ask } from '../app/state.ts'
import { useForm } from '../app/form.ts'
import { t } from '../texts/texts.ts'
import { ButtonLink } from '../shared/button.tsx'
import { Gate, useToken } from '../shared/gate.tsx'
import { OwnForm } from '../shared/line.tsx'

export const view = () => {
  const token = useToken()
  const form = useForm([], {})
  const [isDone, setDone] = useState(false)
  const { address } = t.value
  const send = async (): Promise<void> => {
    await ask('auth-confirm-email', { token })
    setDone(true)
  }
  return (
    <Gate title={address.title}>
      {isDone ? (
        <>
          <p role="status">{address.done}</p>
          <footer>
            <ButtonLink kind="main" to="/">
              {t.value.toStart}
            </ButtonLink>
          </footer>
        </>
      ) : (
        <OwnForm form={form} send={send} submit={address.submit}>
          <p>{address.about}</p>
        </OwnForm>
      )}
    </Gate>
  )
}
