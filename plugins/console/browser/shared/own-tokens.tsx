// One's own API tokens: what scripts act with. A token is shown once, when it is made.
import { useState } from 'preact/hooks'
import { useAsked } from '../app/asked.ts'
import { useForm } from '../app/form.ts'
import { ago, textOf } from '../app/format.ts'
import { ask, me, type PageOf } from '../app/state.ts'
import { ta } from '../texts/administration/texts.ts'
import { attempt } from './attempt.ts'
import { Button } from './button.tsx'
import { confirmed, Dialog } from './dialog.tsx'
import { Line, needed, OwnForm } from './line.tsx'
import { Skeleton } from './page.tsx'
import { askFresh } from './reauthenticate.tsx'
import { Secret } from './secret.tsx'

/** Source: `auth-token-list-request`. */
export interface Token {
  readonly id: string
  readonly name: string
  readonly permissions: readonly string[] | null
  readonly createdAt: string
  readonly expiresAt: string | null
}

export const TokenName = ({ token: { name, permissions, expiresAt } }: { readonly token: Token }) => {
  const texts = ta.value.tokens
  return (
    <span>
      <b>
        <bdi>{name}</bdi>
      </b>{' '}
      <small title={permissions?.join(', ')}>
        {permissions ? texts.keys(permissions.length) : texts.all}
        {expiresAt !== null && ` · ${texts.endsOn(ago(expiresAt))}`}
      </small>
    </span>
  )
}

const days = [7, 30, 90, 365] as const
const day = 86_400_000
/** Among the keys of a token: what everyone may do to their own row. */
const profile = 'profile'

/** All keys, or some of one's own. */
const Keys = ({ chosen, onChoose }: {
  readonly chosen: readonly string[] | undefined
  readonly onChoose: (keys: readonly string[] | undefined) => void
}) => {
  const texts = ta.value.tokens
  const own = [profile, ...(me.value?.keys ?? []).filter(({ scopes }) => scopes === null).map(({ key }) => key)]
  return (
    <fieldset class="choice-of-keys">
      <legend>{texts.rights}</legend>
      <label>
        <input type="radio" name="keys" checked={chosen === undefined} onChange={() => onChoose(undefined)} />
        {texts.allRights}
      </label>
      <label>
        <input type="radio" name="keys" checked={chosen !== undefined} onChange={() => onChoose([])} />
        {texts.someRights}
      </label>
      {chosen && (
        <ul>
          {own.map((key) => (
            <li key={key}>
              <label>
                <input
                  type="checkbox"
                  checked={chosen.includes(key)}
                  onChange={({ currentTarget: { checked } }) =>
                    onChoose(own.filter((each) => (each === key ? checked : chosen.includes(each))))
                  }
                />
                {key === profile ? texts.profile : <code>{key}</code>}
              </label>
            </li>
          ))}
        </ul>
      )}
    </fieldset>
  )
}

const NewToken = ({ onClose, onMade }: { readonly onClose: () => void; readonly onMade: () => void }) => {
  const texts = ta.value.tokens
  const form = useForm([needed('name')], {})
  const [keys, setKeys] = useState<readonly string[]>()
  const [holds, setHolds] = useState<number>(days[2])
  const [token, setToken] = useState<string>()
  const send = async (): Promise<void> => {
    if (keys?.length === 0) throw new Error(texts.choose)
    const made = await askFresh('auth-token-create', {
      name: textOf(form.values['name']).trim(),
      ...(keys === undefined ? {} : { permissions: keys }),
      ...(holds === 0 ? {} : { expiresAt: new Date(Date.now() + holds * day).toISOString() }),
    })
    setToken(textOf(made['token']))
    onMade()
  }
  if (token !== undefined)
    return (
      <Dialog title={texts.shown} onClose={onClose}>
        <Secret about={texts.shownAbout} value={token} />
        <footer>
          <Button kind="main" onClick={onClose} autofocus>
            {texts.kept}
          </Button>
        </footer>
      </Dialog>
    )
  return (
    <Dialog title={texts.addTitle} onClose={onClose}>
      <OwnForm form={form} send={send} submit={texts.make}>
        <Line form={form} name="name" label={texts.name} autofocus />
        <div class="field">
          <label for="token-ends">{texts.expires}</label>
          <select id="token-ends" value={holds} onChange={({ currentTarget: { value } }) => setHolds(Number(value))}>
            {days.map((count) => (
              <option key={count} value={count}>
                {texts.in(count)}
              </option>
            ))}
            <option value={0}>{texts.never}</option>
          </select>
        </div>
        <Keys chosen={keys} onChoose={setKeys} />
      </OwnForm>
    </Dialog>
  )
}

export const OwnTokens = () => {
  const { reply, error, again } = useAsked<PageOf<Token>>('auth-token-list-request', { limit: 100 })
  const [isAdding, setAdding] = useState(false)
  const texts = ta.value.tokens
  const end = async ({ id, name }: Token): Promise<void> => {
    if (!(await confirmed({ title: texts.revokeTitle(name), text: texts.revokeAbout, yes: texts.revoke }))) return
    await attempt(() => ask('auth-token-revoke', { id }), texts.revoked)
    again()
  }
  // A session by a token has no tokens of their own to show.
  if (error) return null
  return (
    <section class="card">
      <h2>{texts.title}</h2>
      <p class="hint">{texts.about}</p>
      {!reply ? (
        <Skeleton lines={2} />
      ) : reply.items.length === 0 ? (
        <p class="none">{texts.none}</p>
      ) : (
        <ul class="links">
          {reply.items.map((token) => (
            <li key={token.id}>
              <TokenName token={token} />
              <Button kind="quiet" onClick={() => void end(token)}>
                {texts.revoke}
              </Button>
            </li>
          ))}
        </ul>
      )}
      <footer>
        <Button icon="plus" onClick={() => setAdding(true)}>
          {texts.add}
        </Button>
      </footer>
      {isAdding && <NewToken onClose={() => setAdding(false)} onMade={again} />}
    </section>
  )
}
