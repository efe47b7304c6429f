// Which operations are authentication events: always recorded, whatever `audit-config` leaves out.
import type { Call } from '../../core/define/index.ts'

/** The plugins that own them. */
const owners = new Set(['auth', 'mfa'])

export const isAuthentication = ({ owner }: Pick<Call, 'owner'>): boolean => owners.has(owner)
