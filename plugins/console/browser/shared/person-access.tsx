// Where a person is logged in and what acts for them, on their page: for those who may see and end it.
import type { DescribedResource } from '#sovrane'
import { useAsked } from '../app/asked.ts'
import { allows, type Allowed } from '../app/allowed.ts'
import { explained } from '../app/explained.ts'
import { titleOf } from '../app/format.ts'
import { mayAsk } from '../app/rights.ts'
import { ask, me, type Row, type Session } from '../app/state.ts'
import { ta } from '../texts/administration/texts.ts'
import { attempt } from './attempt.ts'
import { Button, ButtonLink } from './button.tsx'
import { confirmed } from './dialog.tsx'
import { notify } from './notices.tsx'
import { TokenName, type Token } from './own-tokens.tsx'
import { Skeleton } from './page.tsx'
import { SessionLine } from './session-line.tsx'
import { rowPath } from './value.tsx'

/** Source: `auth-access-request`. */
interface Access {
  readonly sessions: readonly Omit<Session, 'current'>[]
  readonly tokens: readonly Token[]
}

/** Seconds: of sessions no one is told. */
const every = 15

type Part = Readonly<Record<string, readonly string[]>>

/** `onEnd` undefined: one may not. */
const Shown = ({ access, onEnd }: { readonly access: Access; readonly onEnd: ((part: Part) => void) | undefined }) => (
  <ul class="links">
    {access.sessions.map((session) => (
      <SessionLine key={session.id} session={session} onEnd={onEnd && (() => onEnd({ sessions: [session.id] }))} />
    ))}
    {access.tokens.map((token) => (
      <li key={token.id}>
        <TokenName token={token} />
        {onEnd && (
          <Button kind="quiet" onClick={() => onEnd({ tokens: [token.id] })}>
            {ta.value.sessions.end}
          </Button>
        )}
      </li>
    ))}
  </ul>
)

const Access = ({ title, row, mayEnd }: { readonly title: string; readonly row: Row; readonly mayEnd: boolean }) => {
  const { reply, error, again } = useAsked<Access>('auth-access-request', { id: row.id }, { every })
  const texts = ta.value.sessions
  const end = async (part: Part): Promise<void> => {
    await attempt(async () => {
      const ended = await ask('auth-access-end', { id: row.id, ...part })
      notify(texts.endedAll(Number(ended['sessions']) + Number(ended['tokens'])))
    })
    again()
  }
  const endAll = async (): Promise<void> => {
    if (await confirmed({ title: texts.endAllTitle(title), text: texts.endAllAbout, yes: texts.endAll })) await end({})
  }
  const count = (reply?.sessions.length ?? 0) + (reply?.tokens.length ?? 0)
  return (
    <section class="card relation" aria-labelledby="person-access">
      <h2 id="person-access">
        {texts.of} {reply && <small>{count}</small>}
      </h2>
      {error && !reply ? (
        <p class="fault">{explained(error)}</p>
      ) : !reply ? (
        <Skeleton lines={2} />
      ) : count === 0 ? (
        <p class="none">{texts.none}</p>
      ) : (
        <>
          <Shown access={reply} onEnd={mayEnd ? (part) => void end(part) : undefined} />
          {mayEnd && (
            <footer>
              <Button kind="danger" onClick={() => void endAll()}>
                {texts.endAll}
              </Button>
            </footer>
          )}
        </>
      )}
    </section>
  )
}

/** To what a person may do, and why. */
export const RightsLink = ({ resource, row }: { readonly resource: DescribedResource; readonly row: Row }) =>
  resource.name === 'user' && mayAsk('permission-held') ? (
    <ButtonLink icon="key" to={`${rowPath(resource.name, row.id)}/rights`}>
      {ta.value.rights.show}
    </ButtonLink>
  ) : null

/** One's own stand on one's own page. */
export const PersonAccess = ({ resource, row, allowed }: {
  readonly resource: DescribedResource
  readonly row: Row
  readonly allowed: Allowed
}) =>
  row.id !== me.value?.user.id && allows(allowed, 'auth-access-request') ? (
    <Access title={titleOf(resource, row)} row={row} mayEnd={allows(allowed, 'auth-access-end')} />
  ) : null
