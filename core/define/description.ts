// An app's API, described as data: what its documents are written from. Made of the definitions when it is first asked for.
import type { OperationInfo } from './call.ts'
import type { ErrorCode } from './errors.ts'

/** A JSON Schema (2020-12). A named one is referred to as `#/components/schemas/<name>`. */
export type JsonSchema = Readonly<Record<string, unknown>>

/** One error of an event. */
export interface DescribedError {
  readonly code: ErrorCode
  /** The values that `details.reason` may have. */
  readonly reasons: readonly string[]
  /** Further names in `details`, such as `version`. */
  readonly details: readonly string[]
}

export interface DescribedEvent extends OperationInfo {
  /** The event of the reply, where no acknowledgement is asked for. */
  readonly response: string
  /** What it does, in a sentence. */
  readonly about: string
  readonly public: boolean
  /** It has no meaning but on the socket that it comes on. */
  readonly socketOnly: boolean
  /** Its reply hands out a secret. */
  readonly secret: boolean
  /** The permission keys that it asks for; none: a session will do, or nothing. */
  readonly keys: readonly string[]
  readonly payload: JsonSchema
  readonly reply: JsonSchema
  readonly errors: readonly DescribedError[]
  /** What is told to every client that listens, once it has changed something. */
  readonly broadcasts: readonly string[]
  readonly example: { readonly payload: unknown; readonly reply: unknown }
}

/** What the server emits by itself. */
export interface DescribedBroadcast {
  readonly event: string
  readonly about: string
  readonly payload: JsonSchema
  readonly example: unknown
}

/** A field of a resource's rows. */
export interface DescribedField {
  readonly name: string
  /** As it is written, with its bounds and its default. */
  readonly schema: JsonSchema
  /** A row cannot be made without it. */
  readonly required: boolean
  /** One that every row has, such as `createdAt`. */
  readonly base: boolean
  readonly readOnly: boolean
  /** Given when the row is made, and never changed. */
  readonly fixed: boolean
  /** Never read, such as a password. */
  readonly writeOnly: boolean
  /** The relation whose link it is. */
  readonly relation?: string
  /** The permission key that reading it needs, on rows that are not one's own. */
  readonly key?: string
}

/** A relation of a resource. */
export interface DescribedRelation {
  readonly name: string
  readonly kind: 'one' | 'many'
  /** The resource at the other end. */
  readonly target: string
  /** The permission key that changing it needs. */
  readonly key: string
  /** The name that payloads have for the row at the other end, such as `userId`. */
  readonly payload: string
  /** The field that it is written by. */
  readonly field?: string
  /** Its events by what they do: `get`, `set` and `clear`, or `list`, `add` and `remove`. */
  readonly events: Readonly<Record<string, string>>
  /** What each link has of its own; `scope`: the id of a row that can be the scope of a grant. */
  readonly columns: readonly { readonly name: string; readonly schema: JsonSchema; readonly scope: boolean }[]
  /** Whether `include` may name it. */
  readonly include: boolean
  /** It makes a tree of its resource's rows. */
  readonly tree: boolean
}

/** A resource: what screens are made of. */
export interface DescribedResource {
  readonly name: string
  readonly plural: string
  /** By action, the permission key that it needs. */
  readonly keys: Readonly<Record<string, string>>
  /** By action, its event: `list`, `get`, `create`, `update`, `delete`, as far as there are such. */
  readonly events: Readonly<Record<string, string>>
  /** The same for many payloads at once. */
  readonly many: Readonly<Record<string, string>>
  readonly fields: readonly DescribedField[]
  readonly relations: readonly DescribedRelation[]
  /** The fields that lists may be searched, filtered and sorted by. */
  readonly list: { readonly search: readonly string[]; readonly filter: readonly string[]; readonly sort: readonly string[] }
  /** The fields that people know a row by. */
  readonly title: readonly string[]
  /** Its rows can be the scope of a grant. */
  readonly isScope: boolean
  /** The field that makes a tree of its rows. */
  readonly parent?: string
}

interface DescribedReason {
  readonly reason: string
  readonly code: ErrorCode
  readonly owner: string
  readonly message: string
}

export interface DescribedSetting {
  readonly key: string
  /** The plugin that declares it. */
  readonly owner: string
  readonly description: string
  /** Of its value, with bounds and default. */
  readonly schema: JsonSchema
}

export interface Description {
  /** In the order of the definitions. */
  readonly resources: readonly DescribedResource[]
  /** In the order of the definitions, then of the plugins. */
  readonly events: readonly DescribedEvent[]
  readonly broadcasts: readonly DescribedBroadcast[]
  /** Schemas that others refer to: the rows of resources, by their names. */
  readonly schemas: Readonly<Record<string, JsonSchema>>
  readonly errors: readonly { readonly code: ErrorCode; readonly status: number; readonly message: string; readonly details: JsonSchema }[]
  readonly reasons: readonly DescribedReason[]
  readonly permissionKeys: readonly string[]
  /** What administrators may change while the servers run. */
  readonly settings: readonly DescribedSetting[]
}
