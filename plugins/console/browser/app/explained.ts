// What an error says to the person before the screen: what has happened, and what they can do.
import type { SovraneError } from '../../../../client/index.ts'
import { t } from '../texts/texts.ts'
import { resourceName } from './format.ts'

type Details = Readonly<Record<string, unknown>>
const detailsOf = ({ details }: SovraneError): Details =>
  typeof details === 'object' && details !== null && !Array.isArray(details) ? (details as Details) : {}

const usedBy = (details: Details): string | undefined => {
  const list: unknown = details['usedBy']
  if (!Array.isArray(list)) return undefined
  const parts = (list as readonly { readonly resource: string; readonly count: number }[]).map(
    ({ resource, count }) => `${count} × ${resourceName(resource)}`,
  )
  return t.value.errors.usedBy(parts.join(', '))
}

/** A sentence. */
export const explained = (error: SovraneError): string => {
  const { errors } = t.value
  const details = detailsOf(error)
  switch (error.code) {
    case 'forbidden':
      return typeof details['permission'] === 'string' ? errors.missingKey(details['permission']) : errors.forbidden
    case 'not_found':
      return errors.notFound
    case 'conflict': {
      if ('version' in details) return errors.changed
      if ('cycle' in details) return errors.cycle
      return usedBy(details) ?? error.message
    }
    case 'rate_limited':
      return errors.rateLimited(Math.ceil(error.retryAfter ?? 1))
    case 'unavailable':
      return errors.unavailable
    case 'offline':
      return errors.offline
    case 'timeout':
      return errors.timeout
    case 'protocol':
      return errors.protocol
    case 'internal':
      return errors.internal(error.requestId ?? '')
    default:
      return error.message
  }
}
