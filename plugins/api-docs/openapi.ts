// The API over HTTP as OpenAPI 3.1: each event is a POST of its payload.
import type { DescribedError, DescribedEvent, Description, JsonSchema } from '#sovrane'
import { errorSchemas, extension, groupOf, markdownOf, title, version } from './parts.ts'

const content = (schema: JsonSchema, example?: unknown) =>
  ({ 'application/json': { schema, ...(example === undefined ? {} : { example }) } })

const one = ({ code }: DescribedError): JsonSchema => ({ $ref: `#/components/schemas/error.${code}` })

/** By status, what is answered with it. */
const refusals = ({ errors }: DescribedEvent, statuses: ReadonlyMap<string, number>) => {
  const statusOf = ({ code }: DescribedError): number => statuses.get(code) ?? 500
  return Object.fromEntries([...new Set(errors.map(statusOf))].map((status): [string, object] => {
    const list = errors.filter((error) => statusOf(error) === status)
    const schemas = list.map(one)
    const [first = {}] = schemas
    return [String(status), {
      description: list.map(({ code, reasons, details }) => {
        const told = [...details, ...reasons.map((reason) => `reason: ${reason}`)]
        return `\`${code}\`${told.length > 0 ? ` (${told.join(', ')})` : ''}`
      }).join(' or '),
      content: content(schemas.length === 1 ? first : { oneOf: schemas }),
      ...(status === 429 || status === 503 ? { headers: { 'Retry-After': { $ref: '#/components/headers/retry-after' } } } : {}),
    }]
  }))
}

const pathOf = (described: DescribedEvent, statuses: ReadonlyMap<string, number>) => {
  const { event, about, payload, reply, example } = described
  return {
    post: {
      operationId: event,
      summary: about,
      description: markdownOf(described),
      tags: [groupOf(described)],
      security: described.public ? [] : [{ token: [] }],
      requestBody: { required: false, content: content(payload, example.payload) },
      responses: { 200: { description: 'Done', content: content(reply, example.reply) }, ...refusals(described, statuses) },
      'x-sovrane': extension(described),
    },
  }
}

/** The document. What only a socket is answered is not in it. */
export const openapi = (description: Description): object => {
  const { events, schemas, errors } = description
  const statuses = new Map<string, number>(errors.map(({ code, status }) => [code, status]))
  const asked = events.filter(({ socketOnly }) => !socketOnly)
  return {
    openapi: '3.1.1',
    info: {
      title, version, license: { name: 'MIT', identifier: 'MIT' },
      description: 'Every event of the socket, asked over HTTP: its payload as the body of `POST /api/<event>`, its reply as the answer.',
    },
    servers: [{ url: '/', description: 'This server' }],
    tags: [...new Set(asked.map(groupOf))].map((name) => ({ name })),
    paths: Object.fromEntries(asked.map((described) => [`/api/${described.event}`, pathOf(described, statuses)])),
    components: {
      schemas: { ...schemas, ...errorSchemas(description) },
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'The `accessToken` of a log-in, or an API token' },
      },
      headers: { 'retry-after': { description: 'Seconds after which a repetition may succeed', schema: { type: 'integer' } } },
    },
  }
}
