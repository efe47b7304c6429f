// One's own second factor: set up by an app or by mail, new recovery codes, and away with it.
import { useState } from 'preact/hooks'
import { asError, mustEnrol, readMe, type Row } from '../app/state.ts'
import { explained } from '../app/explained.ts'
import { textOf } from '../app/format.ts'
import { useForm } from '../app/form.ts'
import { t } from '../texts/texts.ts'
import { Button } from './button.tsx'
import { Dialog } from './dialog.tsx'
import { Line, needed, OwnForm } from './line.tsx'
import { notify } from './notices.tsx'
import { askFresh } from './reauthenticate.tsx'

type Kind = 'totp' | 'email'
interface Setup {
  readonly kind: Kind
  readonly secret?: string
  readonly qrCode?: string
}

const codeIn = (value: unknown): string => textOf(value).replaceAll(/\s/g, '')

/** Shown once. */
const Codes = ({ codes, onClose }: { readonly codes: readonly string[]; readonly onClose: () => void }) => (
  <Dialog title={t.value.factor.codes} onClose={onClose}>
    <p>{t.value.factor.codesAbout}</p>
    <ul class="codes">
      {codes.map((code) => (
        <li key={code}>
          <code>{code}</code>
        </li>
      ))}
    </ul>
    <footer>
      <Button onClick={() => void navigator.clipboard.writeText(codes.join('\n')).then(() => notify(t.value.copied))}>
        {t.value.copy}
      </Button>
      <Button kind="main" onClick={onClose}>
        {t.value.factor.codesKept}
      </Button>
    </footer>
  </Dialog>
)

const Confirm = ({
  setup,
  onDone,
  onClose,
}: {
  readonly setup: Setup
  readonly onDone: (codes: readonly string[]) => void
  readonly onClose: () => void
}) => {
  const form = useForm([needed('code')], {})
  const { factor, login } = t.value
  const send = async (): Promise<void> => {
    const { recoveryCodes } = await askFresh('auth-mfa-enable', { type: setup.kind, code: codeIn(form.values['code']) })
    onDone(Array.isArray(recoveryCodes) ? recoveryCodes.map(String) : [])
  }
  return (
    <Dialog title={factor.title} onClose={onClose}>
      {setup.kind === 'totp' ? (
        <>
          <p>{factor.scan}</p>
          <img class="qr" src={setup.qrCode} width="200" height="200" alt={factor.qrCode} />
          <p>
            <small>{factor.byHand}</small> <code class="secret">{setup.secret}</code>
          </p>
        </>
      ) : (
        <p>{login.codeByMail}</p>
      )}
      <OwnForm form={form} send={send} submit={factor.enable}>
        <Line form={form} name="code" label={login.code} autocomplete="one-time-code" inputMode="numeric" autofocus />
      </OwnForm>
    </Dialog>
  )
}

const WithCode = ({
  title,
  submit,
  send,
  onClose,
}: {
  readonly title: string
  readonly submit: string
  readonly send: (code: string) => Promise<void>
  readonly onClose: () => void
}) => {
  const form = useForm([needed('code')], {})
  return (
    <Dialog title={title} onClose={onClose}>
      <OwnForm form={form} send={() => send(codeIn(form.values['code']))} submit={submit}>
        <Line form={form} name="code" label={t.value.login.code} autocomplete="one-time-code" autofocus hint={t.value.login.recovery} />
      </OwnForm>
    </Dialog>
  )
}

export const SecondFactor = ({ user }: { readonly user: Row }) => {
  const [setup, setSetup] = useState<Setup>()
  const [codes, setCodes] = useState<readonly string[]>()
  const [asked, setAsked] = useState<'disable' | 'renew'>()
  const { factor } = t.value
  const isOn = user['mfaEnabled'] === true
  const begin = async (kind: Kind): Promise<void> => {
    try {
      const { secret, qrCode } = await askFresh('auth-mfa-setup', { type: kind })
      setSetup({ kind, ...(typeof secret === 'string' ? { secret } : {}), ...(typeof qrCode === 'string' ? { qrCode } : {}) })
    } catch (thrown) {
      notify(explained(asError(thrown)), { kind: 'bad' })
    }
  }
  const done = async (): Promise<void> => {
    mustEnrol.value = false
    await readMe()
  }
  return (
    <section class="card">
      <h2>{factor.title}</h2>
      {mustEnrol.value && (
        <p class="note" role="status">
          {factor.mustEnrol}
        </p>
      )}
      <p>{isOn ? (user['mfaType'] === 'email' ? factor.onByMail : factor.onByApp) : factor.off}</p>
      <footer>
        {isOn ? (
          <>
            <Button onClick={() => setAsked('renew')}>{factor.renew}</Button>
            <Button kind="danger" onClick={() => setAsked('disable')}>
              {factor.disable}
            </Button>
          </>
        ) : (
          <>
            <Button onClick={() => void begin('email')}>{factor.byMail}</Button>
            <Button kind="main" onClick={() => void begin('totp')}>
              {factor.byApp}
            </Button>
          </>
        )}
      </footer>
      {setup && (
        <Confirm
          setup={setup}
          onClose={() => setSetup(undefined)}
          onDone={(all) => {
            setSetup(undefined)
            setCodes(all)
            void done()
          }}
        />
      )}
      {codes && <Codes codes={codes} onClose={() => setCodes(undefined)} />}
      {asked === 'disable' && (
        <WithCode
          title={factor.disable}
          submit={factor.disable}
          onClose={() => setAsked(undefined)}
          send={async (code) => {
            await askFresh('auth-mfa-disable', { code })
            setAsked(undefined)
            notify(factor.disabled)
            await done()
          }}
        />
      )}
      {asked === 'renew' && (
        <WithCode
          title={factor.renew}
          submit={factor.renew}
          onClose={() => setAsked(undefined)}
          send={async (code) => {
            const { recoveryCodes } = await askFresh('auth-mfa-recovery-codes', { code })
            setAsked(undefined)
            setCodes(Array.isArray(recoveryCodes) ? recoveryCodes.map(String) : [])
          }}
        />
      )}
    </section>
  )
}
