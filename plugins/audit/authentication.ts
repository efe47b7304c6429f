// Which operations are authentication events: always recorded, whatever `audit-config` leaves out.
import type { Call } from '../../core/define/index.ts'

/** The plugins that own them. */
const owners = new Set(['auth', 'mfa'])
/** Others' operations that open a session. */
const events = new Set(['invitation-accept'])

export const isAuthentication = ({ owner, operation }: Pick<Call, 'owner' | 'operation'>): boolean => owners.has(owner) || events.has(operation)
