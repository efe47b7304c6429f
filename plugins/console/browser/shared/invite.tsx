// Inviting a person: an address, and what their account will have. The link is shown once, for where a mail does not arrive.
import { useState } from 'preact/hooks'
import { useForm } from '../app/form.ts'
import { textOf } from '../app/format.ts'
import { mayAsk } from '../app/rights.ts'
import { hrefOf } from '../app/router.ts'
import { ask, asError, type Row } from '../app/state.ts'
import { t } from '../texts/texts.ts'
import { ta } from '../texts/administration/texts.ts'
import { Button } from './button.tsx'
import { Dialog } from './dialog.tsx'
import { Line, needed, OwnForm } from './line.tsx'
import { notify } from './notices.tsx'
import { Picker } from './picker.tsx'
import { Secret } from './secret.tsx'

const optional = (name: string) => ({ name, schema: { type: 'string' }, required: false })
const picked = [
  { name: 'role', target: 'role', event: 'role-list-request' },
  { name: 'site', target: 'site', event: 'site-list-request' },
  { name: 'department', target: 'department', event: 'department-list-request' },
] as const

type Chosen = Readonly<Partial<Record<(typeof picked)[number]['name'], Row | null>>>

export const Invite = ({ onClose }: { readonly onClose: () => void }) => {
  const texts = ta.value.invitations
  const form = useForm([needed('email'), optional('firstName'), optional('lastName')], {})
  const [chosen, setChosen] = useState<Chosen>({})
  const [link, setLink] = useState<string>()
  const send = async (): Promise<void> => {
    const email = textOf(form.values['email']).trim()
    const names = Object.fromEntries(['firstName', 'lastName'].flatMap((name) => {
      const value = textOf(form.values[name]).trim()
      return value === '' ? [] : [[name, value]]
    }))
    try {
      const { token } = await ask('invitation-create', {
        email, ...names,
        ...(chosen.role ? { role: chosen.role.id } : {}),
        ...(chosen.site ? { siteId: chosen.site.id } : {}),
        ...(chosen.department ? { departmentId: chosen.department.id } : {}),
      })
      notify(texts.sent(email))
      setLink(`${location.origin}${hrefOf('/accept-invitation')}?token=${encodeURIComponent(textOf(token))}`)
    } catch (thrown) {
      // An address that is taken stands beside its field.
      const error = asError(thrown)
      throw error.code === 'conflict' ? new Error(texts.taken) : error
    }
  }
  if (link !== undefined)
    return (
      <Dialog title={texts.link} onClose={onClose}>
        <Secret about={texts.linkAbout} value={link} />
        <footer>
          <Button kind="main" onClick={onClose} autofocus>
            {texts.done}
          </Button>
        </footer>
      </Dialog>
    )
  return (
    <Dialog title={texts.inviteTitle} onClose={onClose}>
      <OwnForm form={form} send={send} submit={texts.send}>
        <Line form={form} name="email" label={texts.email} type="email" autofocus />
        <Line form={form} name="firstName" label={texts.firstName} isOptional />
        <Line form={form} name="lastName" label={texts.lastName} isOptional />
        {picked
          .filter(({ event }) => mayAsk(event))
          .map(({ name, target }) => (
            <div key={name} class="field">
              <label for={`invite-${name}`}>{texts[name]}</label>
              <Picker
                target={target}
                id={`invite-${name}`}
                value={chosen[name] ?? null}
                clearable
                placeholder={t.value.choose}
                onPick={(row) => setChosen((now) => ({ ...now, [name]: row }))}
              />
            </div>
          ))}
      </OwnForm>
    </Dialog>
  )
}
