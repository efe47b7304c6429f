// Logging in: password, second factor, and a new password where the old one has expired.
import { useState } from 'preact/hooks'
import { ask, asError, endedBy, mustEnrol } from '../app/state.ts'
import { useForm } from '../app/form.ts'
import { t } from '../texts/texts.ts'
import { Button, Link } from '../shared/button.tsx'
import { Gate, PolicyHint } from '../shared/gate.tsx'
import { Line, needed, OwnForm } from '../shared/line.tsx'
import { SovraneError } from '../../../../client/index.ts'

interface Factor {
  readonly userId: string
  readonly mfaType: string
  readonly mfaToken: string
}
type Step =
  { readonly at: 'password' } | { readonly at: 'factor'; readonly factor: Factor } | { readonly at: 'expired'; readonly token: string }
type To = (step: Step) => void

const textIn = (details: unknown, name: string): string | undefined => {
  const found: unknown = typeof details === 'object' && details !== null ? Reflect.get(details, name) : undefined
  return typeof found === 'string' ? found : undefined
}

/** An expired password does not fail: it leads on. */
const refused = (thrown: unknown, to: To): void => {
  const error = asError(thrown)
  const token = error.code === 'password_expired' ? textIn(error.details, 'resetToken') : undefined
  if (token === undefined) throw error
  to({ at: 'expired', token })
}

/** The reply to a log-in that is done: whether a second factor must be set up first. */
const entered = (reply: Readonly<Record<string, unknown>>): void => {
  mustEnrol.value = reply['mfaEnrolmentRequired'] === true
}

const Password = ({ to, again }: { readonly to: To; readonly again: string | undefined }) => {
  const form = useForm([needed('email'), needed('password')], {})
  const { login } = t.value
  const send = async (): Promise<void> => {
    try {
      const reply = await ask('auth-login', { email: form.values['email'], password: form.values['password'] })
      if (reply['mfaRequired'] === true) to({ at: 'factor', factor: reply as unknown as Factor })
      else entered(reply)
    } catch (thrown) {
      const error = asError(thrown)
      if (error.code === 'unauthenticated') throw new SovraneError('unauthenticated', { message: login.wrong })
      refused(error, to)
    }
  }
  return (
    <OwnForm form={form} send={send} submit={login.submit} more={<Link to="/forgot-password">{login.forgotten}</Link>}>
      {again !== undefined && (
        <p class="note" role="status">
          {again}
        </p>
      )}
      <Line form={form} name="email" label={login.email} type="email" autocomplete="username" autofocus />
      <Line form={form} name="password" label={login.password} type="password" autocomplete="current-password" />
    </OwnForm>
  )
}

const SecondFactor = ({ factor, to }: { readonly factor: Factor; readonly to: To }) => {
  const form = useForm([needed('code')], {})
  const { login } = t.value
  const send = async (): Promise<void> => {
    try {
      entered(
        await ask('auth-mfa-verify', {
          userId: factor.userId,
          mfaToken: factor.mfaToken,
          code: String(form.values['code']).replaceAll(/\s/g, ''),
        }),
      )
    } catch (thrown) {
      const error = asError(thrown)
      if (error.code === 'unauthenticated') throw new SovraneError('unauthenticated', { message: login.wrongCode })
      refused(error, to)
    }
  }
  return (
    <OwnForm
      form={form}
      send={send}
      submit={login.submit}
      more={
        <Button kind="quiet" onClick={() => to({ at: 'password' })}>
          {t.value.back}
        </Button>
      }
    >
      <p>{factor.mfaType === 'email' ? login.codeByMail : login.codeByApp}</p>
      <Line form={form} name="code" label={login.code} autocomplete="one-time-code" inputMode="numeric" autofocus hint={login.recovery} />
    </OwnForm>
  )
}

const Expired = ({ token, onDone }: { readonly token: string; readonly onDone: (said: string) => void }) => {
  const form = useForm([needed('password')], {})
  const { login } = t.value
  const send = async (): Promise<void> => {
    await ask('auth-reset', { token, password: form.values['password'] })
    onDone(login.passwordSet)
  }
  return (
    <OwnForm form={form} send={send} submit={login.setPassword}>
      <p>{login.expired}</p>
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
  )
}

/** Why one has to log in again, where there is a reason to tell. */
const reasonOf = (ended: string | undefined): string | undefined => {
  if (ended === undefined || ended === 'logout') return undefined
  const { ends } = t.value
  return Object.hasOwn(ends, ended) ? ends[ended as keyof typeof ends] : ends.other
}

export const LogIn = () => {
  const [step, setStep] = useState<Step>({ at: 'password' })
  const [said, setSaid] = useState<string>()
  const { login } = t.value
  return (
    <Gate title={step.at === 'expired' ? login.newPassword : login.title}>
      {step.at === 'password' && <Password to={setStep} again={said ?? reasonOf(endedBy.value)} />}
      {step.at === 'factor' && <SecondFactor factor={step.factor} to={setStep} />}
      {step.at === 'expired' && (
        <Expired
          token={step.token}
          onDone={(text) => {
            setSaid(text)
            setStep({ at: 'password' })
          }}
        />
      )}
    </Gate>
  )
}
