// The API over Socket.IO as AsyncAPI 3.0: what a client sends with its reply, and what the server emits by itself.
import type { DescribedEvent, Description, JsonSchema } from '#sovrane'
import { errorSchemas, extension, groupOf, markdownOf, title, version } from './parts.ts'

/** Names of events and codes hold nothing that a reference must escape. */
const refTo = (...parts: readonly string[]): JsonSchema => ({ $ref: `#/${parts.join('/')}` })

/** A namespace of Socket.IO. */
interface Door {
  readonly name: 'main' | 'lobby'
  readonly address: string
  readonly about: string
}

const doors: readonly Door[] = [
  { name: 'main', address: '/', about: 'Every event, and what changes. Connect with `auth: { token }`' },
  { name: 'lobby', address: '/auth', about: 'Without a token: the public events alone, such as a log-in' },
]

const answeredAt = ({ name }: Door, event: DescribedEvent): boolean => name === 'main' || event.public

const requestOf = ({ event, about, payload, example }: DescribedEvent) =>
  ({ name: event, title: about, contentType: 'application/json', payload, examples: [{ payload: example.payload }] })

/** A member of the document under its name. */
type Named = readonly [name: string, member: object]

/** A reply is the data, or one of the errors. */
const replyOf = ({ event, response, reply, errors, example }: DescribedEvent) => ({
  name: response, title: `The reply to ${event}`, contentType: 'application/json',
  payload: { anyOf: [reply, ...errors.map(({ code }) => refTo('components', 'schemas', `error.${code}`))] },
  examples: [{ payload: example.reply }],
})

const channelOf = (door: Door, { events, broadcasts }: Description) => {
  const asked = events.filter((event) => answeredAt(door, event))
  const emitted = door.name === 'main' ? broadcasts : []
  const names = [...asked.flatMap(({ event, response }) => [event, response]), ...emitted.map(({ event }) => event)]
  return {
    address: door.address, title: `The namespace ${door.address}`, description: `${door.about}.`,
    messages: Object.fromEntries([...new Set(names)].map((name) => [name, refTo('components', 'messages', name)])),
  }
}

const operationsAt = (door: Door, { events, broadcasts }: Description): Named[] => {
  const channel = refTo('channels', door.name)
  const message = (name: string): JsonSchema => refTo('channels', door.name, 'messages', name)
  const idOf = (event: string): string => (door.name === 'main' ? event : `${door.name}.${event}`)
  const asked = events.filter((event) => answeredAt(door, event)).map((described): Named => {
    const { event, response, about } = described
    return [idOf(event), {
      // Seen from the server: it receives what clients ask.
      action: 'receive', channel, title: event, summary: about, description: markdownOf(described), tags: [{ name: groupOf(described) }],
      messages: [message(event)], reply: { channel, messages: [message(response)] },
      'x-sovrane': extension(described),
    }]
  })
  const emitted = (door.name === 'main' ? broadcasts : []).map(({ event, about }): Named =>
    [event, { action: 'send', channel, title: event, summary: about, messages: [message(event)] }])
  return [...asked, ...emitted]
}

const messagesOf = ({ events, broadcasts }: Description): Named[] => [
  ...events.flatMap((event): Named[] => [[event.event, requestOf(event)], [event.response, replyOf(event)]]),
  ...broadcasts.map(({ event, about, payload, example }): Named =>
    [event, { name: event, title: about, contentType: 'application/json', payload, examples: [{ payload: example }] }]),
]

/** The members by their names: `fromEntries` would forget what they are. */
const byName = (members: readonly Named[]): Readonly<Record<string, object>> => Object.fromEntries(members)

/** The document. */
export const asyncapi = (description: Description): object => {
  const { schemas } = description
  return {
    asyncapi: '3.0.0',
    info: {
      title, version, license: { name: 'MIT' },
      description: 'Events over Socket.IO. A request has one JSON object and one reply: to its acknowledgement, else as the event of the reply.',
    },
    defaultContentType: 'application/json',
    channels: Object.fromEntries(doors.map((door) => [door.name, channelOf(door, description)])),
    operations: byName(doors.flatMap((door) => operationsAt(door, description))),
    components: {
      messages: byName(messagesOf(description)),
      schemas: { ...schemas, ...errorSchemas(description) },
    },
  }
}
