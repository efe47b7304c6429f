// Where one is logged in, and the end of a session that should not be.
import { useEffect, useState } from 'preact/hooks'
import { ask, asError, type PageOf, type Session } from '../app/state.ts'
import { explained } from '../app/explained.ts'
import { t } from '../texts/texts.ts'
import { ta } from '../texts/administration/texts.ts'
import { attempt } from './attempt.ts'
import { Button } from './button.tsx'
import { notify } from './notices.tsx'
import { Skeleton } from './page.tsx'
import { SessionLine } from './session-line.tsx'

export const OwnSessions = () => {
  const [sessions, setSessions] = useState<readonly Session[]>()
  const { profile } = t.value
  const read = async (): Promise<void> => {
    try {
      setSessions((await ask<PageOf<Session>>('auth-sessions-request', { limit: 100 })).items)
    } catch (thrown) {
      if (asError(thrown).code !== 'forbidden') notify(explained(asError(thrown)), { kind: 'bad' })
    }
  }
  useEffect(() => void read(), [])
  const end = async (id: string): Promise<void> => {
    await attempt(() => ask('auth-session-revoke', { id }), profile.sessionEnded)
    await read()
  }
  const others = (sessions ?? []).filter(({ current }) => !current)
  const endOthers = async (): Promise<void> => {
    await attempt(async () => {
      for (const { id } of others) await ask('auth-session-revoke', { id })
    }, ta.value.sessions.endedAll(others.length))
    await read()
  }
  return (
    <section class="card">
      <h2>{profile.sessions}</h2>
      {!sessions ? (
        <Skeleton lines={2} />
      ) : (
        <ul class="links">
          {sessions.map((session) => (
            <SessionLine key={session.id} session={session} onEnd={() => void end(session.id)} />
          ))}
        </ul>
      )}
      {others.length > 1 && (
        <footer>
          <Button onClick={() => void endOthers()}>{ta.value.sessions.endOthers}</Button>
        </footer>
      )}
    </section>
  )
}
