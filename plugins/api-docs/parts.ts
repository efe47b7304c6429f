// What both documents and the page of text have in common: groups, sentences, the schemas of errors.
import { readFileSync } from 'node:fs'
import type { DescribedEvent, Description, JsonSchema } from '#sovrane'

export const title = 'Sovrane'

/** That of the API, which is the package's. It stands two folders up, or three from the build. */
const readVersion = (): string => {
  for (const place of ['../../package.json', '../../../package.json']) {
    try {
      const { version: found } = JSON.parse(readFileSync(new URL(place, import.meta.url), 'utf8')) as { version?: unknown }
      if (typeof found === 'string') return found
    } catch {
      // Not there: the next place.
    }
  }
  return '0.0.0'
}

export const version = readVersion()

/** What an event stands with: its resource, else the first word of its name. */
export const groupOf = ({ resource, action, event }: DescribedEvent): string =>
  (action === 'custom' || resource === undefined ? event.split('-')[0] ?? event : resource)

const listed = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(', ')

/** Who may ask, in a sentence. */
const rightsOf = ({ public: isPublic, keys }: DescribedEvent): string => {
  if (isPublic) return 'Anyone may ask, without a token.'
  return keys.length === 0 ? 'Needs a session.' : `Needs the permission ${listed(keys)}.`
}

/** What there is to know of an event beside its schemas. */
export const markdownOf = (described: DescribedEvent): string => {
  const { broadcasts, secret, socketOnly } = described
  return [
    rightsOf(described),
    ...(broadcasts.length > 0 ? [`Broadcasts ${listed(broadcasts)}.`] : []),
    ...(secret ? ['Its reply holds a secret and is given once: repeated with the same `requestId` it is a `conflict`.'] : []),
    ...(socketOnly ? ['Answered on a socket only.'] : []),
  ].join(' ')
}

/** What the standards have no place for: programs find it under `x-sovrane`. */
export const extension = (described: DescribedEvent): object => {
  const { owner, kind, action, resource, relation, public: isPublic, socketOnly, secret } = described
  const { tags, keys, errors, broadcasts, response } = described
  return {
    owner, kind, action, ...(resource === undefined ? {} : { resource }), ...(relation === undefined ? {} : { relation }),
    public: isPublic, socketOnly, secret, tags, keys, errors, broadcasts, response,
  }
}

/** An error of each code as it is answered, named `error.<code>`. */
export const errorSchemas = ({ errors }: Description): Readonly<Record<string, JsonSchema>> =>
  Object.fromEntries(errors.map(({ code, status, message, details }) => [`error.${code}`, {
    type: 'object',
    description: message,
    properties: { error: {
      type: 'object',
      properties: {
        code: { const: code },
        message: { type: 'string', description: 'For people; it may change', examples: [message] },
        details,
        retryAfter: { type: 'number', description: 'Seconds after which a repetition may succeed' },
        requestId: { type: 'string' },
      },
      required: ['code', 'message', 'requestId'],
    } },
    required: ['error'],
    additionalProperties: false,
    'x-status': status,
  }]))
