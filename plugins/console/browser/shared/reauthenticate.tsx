// What needs a fresh proof of the password asks for it, and goes on where it was.
import { signal } from '@preact/signals'
import { ask, asError } from '../app/state.ts'
import { useForm } from '../app/form.ts'
import { t } from '../texts/texts.ts'
import { Dialog } from './dialog.tsx'
import { Line, needed, OwnForm } from './line.tsx'

const waiting = signal<((isProved: boolean) => void) | undefined>(undefined)

const prove = (): Promise<boolean> =>
  new Promise((resolve) => {
    waiting.value?.(false)
    waiting.value = resolve
  })

/** Asks an event; where the log-in is too long ago the password is asked for, and the event once more. @throws SovraneError */
export const askFresh = async (
  event: string,
  payload: Readonly<Record<string, unknown>> = {},
): Promise<Readonly<Record<string, unknown>>> => {
  try {
    return await ask(event, payload)
  } catch (thrown) {
    if (asError(thrown).reason !== 'reauthenticate' || !(await prove())) throw thrown
    return ask(event, payload)
  }
}

/** Where the password is asked for. */
export const Reauthentication = () => {
  const end = waiting.value
  const form = useForm([needed('password')], {})
  if (!end) return null
  const close = (isProved: boolean): void => {
    waiting.value = undefined
    form.reset({})
    end(isProved)
  }
  const send = async (): Promise<void> => {
    await ask('auth-reauthenticate', { password: form.values['password'] })
    close(true)
  }
  return (
    <Dialog title={t.value.proof.title} onClose={() => close(false)}>
      <OwnForm form={form} send={send} submit={t.value.proof.submit}>
        <p>{t.value.proof.about}</p>
        <Line form={form} name="password" label={t.value.login.password} type="password" autocomplete="current-password" autofocus />
      </OwnForm>
    </Dialog>
  )
}
