// audit-log-request: reading the audit log.
import { number, object, string } from 'yup'
import { dayOrTime, invalidPayload, operation, type Fault } from '../../core/define/index.ts'
import { levels } from './entry.ts'
import { endOf, readPage, startOf } from './page.ts'

export const viewKey = 'view_audit_logs'

/** What is wrong with a range of two times in order. */
export const rangeFaults = (from: { path: string; value: string | undefined }, to: { path: string; value: string | undefined }): Fault[] =>
  from.value !== undefined && to.value !== undefined && Date.parse(startOf(from.value)) > Date.parse(endOf(to.value))
    ? [{ path: to.path, message: `must not be before ${from.path}` }]
    : []

const word = () => string().min(1).max(128).optional()

export const logRequest = operation({
  event: 'audit-log-request',
  kind: 'query',
  access: { key: viewKey },
  input: object({
    page: number().integer().min(1).max(Number.MAX_SAFE_INTEGER).optional(),
    limit: number().integer().min(1).max(100).optional(),
    after: string().max(4096).optional(),
    actorId: word(), action: word(), targetType: word(), targetId: word(), category: word(),
    level: string().oneOf(levels).optional(),
    dateFrom: dayOrTime().optional(),
    dateTo: dayOrTime().optional(),
  }),
  async handle(call) {
    const { page, limit, after, ...filter } = call.input
    const faults = rangeFaults({ path: 'dateFrom', value: filter.dateFrom }, { path: 'dateTo', value: filter.dateTo })
    if (page !== undefined && after !== undefined) faults.push({ path: 'after', message: 'cannot be given with page' })
    if (faults.length > 0) throw invalidPayload(faults)
    return readPage(call.db, filter, { page, limit, after })
  },
})
