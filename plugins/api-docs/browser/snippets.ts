// An event as it is asked from a shell, by the client, and over bare Socket.IO.
import type { Asked } from './described.ts'

export interface Snippet {
  readonly name: string
  readonly text: string
}

const camel = (words: string): string => words.replaceAll(/-([a-z0-9])/g, (_dash, letter: string) => letter.toUpperCase())

/** `department-manager-get` → `department.manager.get`, as the client has it. */
export const clientPath = ({ event, marks: { action, relation } }: Asked): string => {
  const [first = '', ...rest] = event.split('-')
  if (rest.length === 0) return first
  if (rest.at(-1) === 'request') {
    const listed = rest.slice(0, -1).join('-')
    return listed === 'list' ? `${first}.list` : `${first}.${camel(listed)}.list`
  }
  // The getters and setters of a relation stand below it.
  const isOfOne = relation !== undefined && ['get', 'set', 'clear'].includes(action)
  return isOfOne ? `${first}.${camel(rest.slice(0, -1).join('-'))}.${rest.at(-1) ?? ''}` : `${first}.${camel(rest.join('-'))}`
}

/** `{ id: 'site-1' }`: JSON as people write it. */
const literal = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`
  if (typeof value === 'string') return `'${value.replaceAll(/['\\]/g, String.raw`\$&`).replaceAll('\n', String.raw`\n`)}'`
  if (typeof value !== 'object' || value === null) return String(value)
  const parts = Object.entries(value).map(([name, each]) => `${/^[A-Za-z_]\w*$/.test(name) ? name : `'${name}'`}: ${literal(each)}`)
  return parts.length === 0 ? '{}' : `{ ${parts.join(', ')} }`
}

const curl = ({ event, marks }: Asked, payload: string, origin: string): string => [
  `curl -sS ${origin}/api/${event}`,
  ...(marks.public ? [] : [`  -H "authorization: Bearer $TOKEN"`]),
  `  -H 'content-type: application/json'`,
  `  -d '${payload.replaceAll("'", String.raw`'\''`)}'`,
].join(' \\\n')

const client = (asked: Asked, payload: unknown, origin: string): string => [
  `import { createClient } from 'sovrane/client'`, '',
  `const client = createClient({ url: '${origin}' })`,
  `const reply = await client.${clientPath(asked)}(${literal(payload)})`,
].join('\n')

const socket = ({ event, marks }: Asked, payload: unknown, origin: string): string => [
  `import { io } from 'socket.io-client'`, '',
  marks.public ? `const socket = io('${origin}/auth')` : `const socket = io('${origin}', { auth: { token } })`,
  `const reply = await socket.emitWithAck('${event}', ${literal(payload)})`,
].join('\n')

/** `payload`: what is sent; `origin`: where the server is, such as `https://example.com`. */
export const snippetsOf = (asked: Asked, payload: unknown, origin: string): Snippet[] => [
  ...(asked.marks.socketOnly ? [] : [{ name: 'curl', text: curl(asked, JSON.stringify(payload), origin) }]),
  ...(asked.marks.socketOnly ? [] : [{ name: 'Client', text: client(asked, payload, origin) }]),
  { name: 'Socket.IO', text: socket(asked, payload, origin) },
]
