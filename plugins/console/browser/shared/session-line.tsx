// A session among others: the browser, from where and when it was seen last, and its end.
import { browserName } from '../app/browser-name.ts'
import type { Session } from '../app/state.ts'
import { t } from '../texts/texts.ts'
import { ta } from '../texts/administration/texts.ts'
import { Button } from './button.tsx'
import { Time } from './value.tsx'

export const SessionLine = ({ session: { ip, userAgent, lastSeenAt, current = false }, onEnd }: {
  readonly session: Omit<Session, 'current'> & Partial<Session>
  /** Undefined: one may not. */
  readonly onEnd?: (() => void) | undefined
}) => (
  <li>
    <span>
      <b title={userAgent ?? ''}>{browserName(userAgent)}</b>{' '}
      <small>
        {ip} · <Time value={lastSeenAt} />
      </small>
    </span>
    {current ? (
      <span class="badge active">{t.value.profile.thisSession}</span>
    ) : onEnd && (
      <Button kind="quiet" onClick={onEnd}>
        {ta.value.sessions.end}
      </Button>
    )}
  </li>
)
