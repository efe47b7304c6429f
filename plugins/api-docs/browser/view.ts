// What is shown of one event, of one change, of one row, and at the beginning.
import { h, inline, table } from './dom.ts'
import { askForm, type Session } from './ask.ts'
import type { Api, Asked, Emitted } from './described.ts'
import { alternativesOf, fieldsOf, wordsOf, type Schema } from './words.ts'

/** A schema with a name stands in the section of its row. */
const link = (name: string): string => {
  const [row = '', part] = name.split('.')
  return part === undefined ? `[${row}](#row-${row})` : `[${part} of ${row}](#row-${row})`
}

const badge = (text: string, kind = ''): HTMLElement => h('span', { class: `badge ${kind}` }, text)

/** `sure`: what is said of fields that must be there, or always are. */
const fieldTable = (name: string, schema: Schema, sure: string): HTMLElement | undefined =>
  table(name, ['Field', 'What it is'], fieldsOf(schema, link).map(({ name: field, required, words }) => [
    [h('code', {}, field), ...(required ? [' ', badge(sure)] : [])], inline(words),
  ]))

const example = (title: string, value: unknown): HTMLElement =>
  h('details', {}, h('summary', {}, title), h('pre', { tabindex: '0', 'aria-label': title }, h('code', {}, JSON.stringify(value, null, 2))))

const heading = (name: string): HTMLElement => h('h1', { id: 'title', tabindex: '-1' }, name)

const errorTable = ({ marks: { errors } }: Asked, api: Api): HTMLElement | undefined =>
  table('Errors', ['Error', 'HTTP', 'When'], errors.map(({ code, reasons, details }) => {
    const { status = 500, message = '' } = api.errors.get(code) ?? {}
    const told = [
      ...(details.length > 0 ? [`details: ${details.map((name) => `\`${name}\``).join(', ')}`] : []),
      ...(reasons.length > 0 ? [`reason: ${reasons.map((name) => `\`${name}\``).join(', ')}`] : []),
    ]
    return [[h('code', {}, code)], [String(status)], inline([message, ...told].join('; '))]
  }))

const replyOf = ({ reply, example: { reply: shown } }: Asked): HTMLElement[] => {
  const tables = alternativesOf(reply).flatMap((each, index) => {
    const fields = fieldTable(index === 0 ? 'Reply' : `Reply, form ${index + 1}`, each, 'always')
    return fields ? [...(index > 0 ? [h('p', {}, 'or')] : []), fields] : []
  })
  const words = wordsOf(reply, link)
  const told = words === 'object' ? 'An empty object.' : `A row of ${words}, as you may read it.`
  return [...(tables.length > 0 ? tables : [h('p', {}, ...inline(told))]), example('Example of a reply', shown)]
}

/** An event. */
export const askedView = (asked: Asked, api: Api, session: Session): HTMLElement => {
  const { event, about, response, payload, marks: { kind, public: isPublic, socketOnly, keys, broadcasts } } = asked
  const rights = isPublic ? 'Anyone may ask, without a token.'
    : keys.length === 0 ? 'Needs a session.' : `Needs the permission ${keys.map((key) => `\`${key}\``).join(', ')}.`
  const told = broadcasts.length === 0 ? '' : ` Broadcasts ${broadcasts.map((name) => `[${name}](#${name})`).join(', ')}.`
  return h('article', { 'aria-labelledby': 'title' },
    heading(event),
    h('p', { class: 'badges' }, badge(kind, kind), ...(isPublic ? [badge('public')] : []), ...(socketOnly ? [badge('socket only')] : [])),
    h('p', { class: 'lead' }, `${about}.`),
    h('p', {}, ...inline(`${rights}${told} Over a socket it is answered as \`${response}\`, unless an acknowledgement is asked for.`)),
    h('h2', {}, 'Payload'),
    fieldTable('Payload', payload, 'required') ?? h('p', {}, 'It takes no field.'),
    h('h2', {}, 'Reply'), ...replyOf(asked),
    ...askForm(asked, session),
    h('h2', {}, 'Errors'), errorTable(asked, api))
}

/** Something that the server emits. */
export const emittedView = ({ event, about, payload, example: shown }: Emitted): HTMLElement =>
  h('article', { 'aria-labelledby': 'title' },
    heading(event), h('p', { class: 'badges' }, badge('emitted')), h('p', { class: 'lead' }, `${about}.`),
    h('h2', {}, 'Payload'), fieldTable('Payload', payload, 'always') ?? h('p', {}, 'It holds nothing.'), example('Example', shown))

const namesIn = (api: Api, name: string, part: string): string => {
  const schema = api.parts.get(`${name}.${part}`)
  const { properties, anyOf } = schema ?? {}
  const [one] = Array.isArray(anyOf) ? (anyOf as readonly { readonly enum?: readonly string[] }[]) : []
  const names = typeof properties === 'object' && properties !== null ? Object.keys(properties) : one?.enum ?? []
  return names.filter((each) => !each.startsWith('-')).map((each) => `\`${each}\``).join(', ')
}

/** A row of a resource. */
export const rowView = (name: string, schema: Schema, api: Api): HTMLElement => {
  const [filter, sort] = [namesIn(api, name, 'filter'), namesIn(api, name, 'sort')]
  return h('article', { 'aria-labelledby': 'title' },
    heading(`Row of ${name}`),
    h('p', { class: 'lead' }, ...inline('`id` is always there; of the other fields, those that the reader may read.')),
    fieldTable('Fields', schema, 'always'),
    ...(filter === '' ? [] : [h('p', {}, ...inline(`A list can be filtered by ${filter}.`))]),
    ...(sort === '' ? [] : [h('p', {}, ...inline(`A list can be sorted by ${sort}; \`-\` before a name turns the order round.`))]))
}

/** What is shown before anything is chosen. */
export const startView = (api: Api): HTMLElement => h('article', { 'aria-labelledby': 'title' },
  heading(`The API of ${api.title}`),
  h('p', { class: 'lead' }, `${api.asked.length} events, over Socket.IO and over HTTP alike: a request is one JSON object, and has one reply.`),
  h('p', {}, ...inline('Over HTTP an event is `POST /api/<event>` with `Authorization: Bearer <token>`. A socket connects to `/` with `auth: { token }`, or without a token to `/auth`, for the public events alone. Every payload may hold a `requestId`, which comes back in the reply and in the changes that it causes.')),
  h('p', {}, ...inline('To try events that need a session, send [auth-login](#auth-login) first and use the token of its reply, or give one above. It is kept in the memory of this page and nowhere else.')),
  h('p', {}, 'For programs: ', h('a', { href: 'openapi.json' }, 'OpenAPI'), ' and ', h('a', { href: 'asyncapi.json' }, 'AsyncAPI'), '.'),
  table('All events', ['Group', 'Events'], [...new Set(api.asked.map(({ group }) => group))].map((group) => {
    const own = api.asked.filter((asked) => asked.group === group)
    return [[group], own.flatMap(({ event }, index) => [...(index === 0 ? [] : [', ']), h('a', { href: `#${event}` }, event)])]
  })))
