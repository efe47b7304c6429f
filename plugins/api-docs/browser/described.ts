// The AsyncAPI document as this page reads it: events, changes and rows, each with what is shown of it.
import type { Schema } from './words.ts'

interface Failure {
  readonly code: string
  readonly reasons: readonly string[]
  readonly details: readonly string[]
}

/** What the document says of an event beside its schemas. */
interface Marks {
  readonly kind: 'query' | 'mutation'
  readonly action: string
  readonly relation?: string
  readonly public: boolean
  readonly socketOnly: boolean
  readonly keys: readonly string[]
  readonly errors: readonly Failure[]
  readonly broadcasts: readonly string[]
}

interface Message {
  readonly payload: Schema
  readonly examples: readonly { readonly payload: unknown }[]
}

interface Operation {
  readonly action: 'receive' | 'send'
  readonly title: string
  readonly summary: string
  readonly description?: string
  readonly tags?: readonly { readonly name: string }[]
  readonly messages: readonly { readonly $ref: string }[]
  readonly reply?: { readonly messages: readonly { readonly $ref: string }[] }
  readonly 'x-sovrane'?: Marks
}

/** As much of the document as is read. */
export interface Document {
  readonly info: { readonly title: string; readonly version: string }
  readonly operations: Readonly<Record<string, Operation>>
  readonly components: {
    readonly messages: Readonly<Record<string, Message>>
    readonly schemas: Readonly<Record<string, Schema & { readonly 'x-status'?: number; readonly description?: string }>>
  }
}

/** An event that is asked. */
export interface Asked {
  readonly event: string
  readonly group: string
  readonly about: string
  readonly more: string
  readonly response: string
  readonly payload: Schema
  readonly reply: Schema
  readonly example: { readonly payload: unknown; readonly reply: unknown }
  readonly marks: Marks
}

/** An event that the server emits by itself. */
export interface Emitted {
  readonly event: string
  readonly about: string
  readonly payload: Schema
  readonly example: unknown
}

export interface Api {
  readonly title: string
  readonly version: string
  readonly asked: readonly Asked[]
  readonly emitted: readonly Emitted[]
  /** The rows of resources, by their names; and what their lists are asked for, as `site.filter`. */
  readonly rows: ReadonlyMap<string, Schema>
  readonly parts: ReadonlyMap<string, Schema>
  readonly errors: ReadonlyMap<string, { readonly status: number; readonly message: string }>
}

const lastOf = (reference: { readonly $ref: string } | undefined): string => reference?.$ref.split('/').at(-1) ?? ''

/** A reply is the data, or an error: only the first is shown as the reply. */
const dataOf = ({ payload }: Message): Schema => {
  const { anyOf } = payload
  return Array.isArray(anyOf) ? ((anyOf as Schema[])[0] ?? {}) : payload
}

/** Reads the document. */
export const readApi = ({ info, operations, components: { messages, schemas } }: Document): Api => {
  const asked: Asked[] = []
  const emitted: Emitted[] = []
  for (const [id, operation] of Object.entries(operations)) {
    const { title, summary, description = '', tags, 'x-sovrane': marks } = operation
    const message = messages[lastOf(operation.messages[0])]
    // Those of the other door are the same events once more.
    if (!message || id !== title) continue
    if (!marks) {
      emitted.push({ event: title, about: summary, payload: message.payload, example: message.examples[0]?.payload })
      continue
    }
    const response = lastOf(operation.reply?.messages[0])
    const reply = messages[response]
    asked.push({
      event: title, group: tags?.[0]?.name ?? '', about: summary, more: description, response, marks, payload: message.payload,
      reply: reply ? dataOf(reply) : {}, example: { payload: message.examples[0]?.payload, reply: reply?.examples[0]?.payload },
    })
  }
  const named = Object.entries(schemas)
  return {
    title: info.title, version: info.version, asked, emitted,
    rows: new Map(named.filter(([name]) => !name.includes('.'))),
    parts: new Map(named),
    errors: new Map(named.flatMap(([name, schema]) => (name.startsWith('error.')
      ? [[name.slice('error.'.length), { status: schema['x-status'] ?? 500, message: schema.description ?? '' }] as const] : []))),
  }
}
