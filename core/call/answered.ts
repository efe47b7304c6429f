// What is said of each request once it is answered: to the log, to the metrics, in one place.
import type { Connection } from '../define/call.ts'
import type { ErrorCode } from '../define/errors.ts'
import type { Log } from '../define/plugin.ts'

interface Answered {
  /** As the client wrote it: it may be any text. */
  readonly event: string
  readonly requestId: string
  readonly connection: Connection
  readonly code: ErrorCode | 'ok'
  readonly milliseconds: number
  /** What was thrown. Never for clients. */
  readonly cause?: unknown
}

export type OnAnswered = (answered: Answered) => void

/** Characters of the event's name that are logged: a client may send any. */
const longest = 64

/** Milliseconds between two lines about what could not be served: a flood of it must not fill the log. */
const pause = 1000

/**
 * One line a request: at `error` what is a fault of ours, at `warn` what could not be served, and at `debug` all others, those that
 * were refused among them: they are the client's affair, and the audit log's. Never a payload or a reply. Of many that could not be
 * served one a second is a warning, which says how many there were since the last one (`before`).
 */
export const logAnswered = (log: Log, now = (): number => performance.now()): OnAnswered => {
  let [held, said] = [0, -Infinity]
  return ({ event, requestId, connection, code, milliseconds, cause }) => {
    const details = {
      event: event.slice(0, longest), requestId, code, transport: connection.transport,
      ...(connection.principal ? { actor: connection.principal.actorId } : {}),
      milliseconds: Math.round(milliseconds * 10) / 10,
    }
    if (code === 'internal') return log.error({ ...details, err: cause }, 'a request failed')
    if (code !== 'unavailable') return log.debug(details, 'a request was answered')
    if (now() - said < pause) {
      held += 1
      return log.debug({ ...details, err: cause }, 'a request could not be served')
    }
    log.warn({ ...details, err: cause, ...(held > 0 ? { before: held } : {}) }, 'a request could not be served')
    ;[held, said] = [0, now()]
  }
}
