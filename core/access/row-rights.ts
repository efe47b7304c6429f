// The decisions over rows. CASL's own `can(action, type)` without a row is true for merely conditional rights: it has no door here.
import { subject, type MongoAbility } from '@casl/ability'
import type { Knex } from 'knex'
import { resourceOf, type Field, type Resource, type Resources } from '../model/resource.ts'
import type { Call } from '../define/call.ts'
import type { Change } from '../define/change.ts'
import type { Actor, Grant, Rights } from '../define/rights.ts'
import { readAction } from './ability.ts'
import { effectiveKeys } from './effective.ts'
import { hiddenSql, isAlike, permittedFields, sameFields } from './fields.ts'
import { covers, holds } from './held.ts'
import { placesOf, type Place, type Within } from './scopes.ts'
import { ask, reading } from '../define/statement.ts'
import { always, anyOf, equals, never, type Sql } from '../define/sql.ts'
import { allowedSql, isEverywhere } from './where.ts'

type Values = Readonly<Record<string, unknown>>

/** The rights of a call as core uses them. */
export interface RowRights extends Rights {
  can(action: string, resource: Resource, row: Values, field?: string): Promise<boolean>
  /** Whether the action can be asked for at all: its key is held somewhere, or a rule of the resource gives it without a key. */
  mayAsk(action: string, resource: Resource, key: string): boolean
  /** The rows on which the action is allowed, as SQL. */
  sql(action: string, resource: Resource): Sql
  /** The same, with all that lies in scopes written out where that is remembered: then an index leads to the rows. */
  reach(action: string, resource: Resource): Promise<Sql>
  /** Those of the ids whose rows the action reaches, in one statement. */
  among(action: string, resource: Resource, ids: readonly string[]): Promise<ReadonlySet<string>>
  /** Those of the ids whose rows the actor may name: those they may get, and their own. */
  nameable(resource: Resource, ids: readonly string[]): Promise<ReadonlySet<string>>
  /** The rows that the actor may name, as SQL. */
  nameableSql(resource: Resource): Sql
  /** Those of the scopes whose rows the actor may name. */
  nameableScopes(scopes: readonly { readonly id: string; readonly resource: string }[]): Promise<ReadonlySet<string>>
  /** The fields of the row that the action reaches. `whole`: the row is read without a right of one's own to it. */
  fields(action: string, resource: Resource, row: Values, whole?: boolean): Promise<ReadonlySet<string>>
  /**
   * The fields that the action reaches on every row that it reaches, where it is the same for all but the actor's own row; undefined:
   * each row has to be asked.
   */
  sameFields(action: string, resource: Resource, whole?: boolean): ReadonlySet<string> | undefined
  /** Whether every row that the actor may list they may get, with the same fields. */
  alike(resource: Resource): boolean
  /** The rows in the action's reach of which the field may not be read, as SQL; undefined when there can be none. */
  hidden(action: string, resource: Resource, field: Field, whole?: boolean): Sql | undefined
}

/** A call as far as rights are decided in it. */
export interface DecidingCall extends Omit<Call, 'rights' | 'change'> {
  readonly rights: RowRights
  change: Change | undefined
  /** What guards ask once the change is written; throwing undoes it. */
  readonly onceWritten: (() => Promise<void>)[]
}

/** Is told what was asked and what decided it. */
export interface Witness {
  /** A rule of the ability decided over a row; undefined: there is none. */
  ruled(asked: { readonly action: string; readonly resource: Resource; readonly rule: DecidingRule | undefined }): void
  /** Whether a grant is covered. */
  covered(wanted: Grant, isCovered: boolean): void
  /** Whether the actor may act over another, or which key is lacking. */
  over(actorId: string, lacking: string | undefined): void
}

export type DecidingRule = NonNullable<ReturnType<MongoAbility['relevantRuleFor']>>

export interface RightsContext {
  readonly resources: Resources
  readonly root: string
  readonly db: Knex
  /** The resource whose rows are actors. */
  readonly actorResource: string
  /** Everything that an actor is granted. */
  readonly grantsOf: (db: Knex, actorId: string) => Promise<readonly Grant[]>
  /** What rows of a resource may lie in to be in one of the scopes, where it is remembered. */
  readonly within: ((resource: Resource, scopes: readonly string[]) => Promise<Within | undefined>) | undefined
  /** Every key that definitions and plugins name. */
  readonly keys: readonly string[]
  readonly witness?: Witness
  /** Where rows lie; undefined: the database is asked each time. */
  readonly places?: (resource: Resource, row: Values) => Promise<readonly Place[]>
}

/** What `system` may do: everything. */
export const systemRights: RowRights = {
  can: () => Promise.resolve(true),
  mayAsk: () => true,
  sql: () => always,
  reach: () => Promise.resolve(always),
  among: (_action, _resource, ids) => Promise.resolve(new Set(ids)),
  nameable: (_resource, ids) => Promise.resolve(new Set(ids)),
  nameableSql: () => always,
  nameableScopes: (scopes) => Promise.resolve(new Set(scopes.map(({ id }) => id))),
  reads: () => Promise.resolve(true),
  fields: (_action, resource) => Promise.resolve(new Set(resource.fields.keys())),
  sameFields: (_action, resource) => new Set(resource.fields.keys()),
  alike: () => true,
  hidden: () => undefined,
  holds: () => true,
  covers: () => Promise.resolve(true),
  lacksOf: () => Promise.resolve(undefined),
  effective: () => [],
}

/** The rights of a caller without a session: none. For public operations that reach for rights. */
export const noRights: RowRights = {
  can: () => Promise.resolve(false),
  mayAsk: () => false,
  sql: () => never,
  reach: () => Promise.resolve(never),
  among: () => Promise.resolve(new Set()),
  nameable: () => Promise.resolve(new Set()),
  nameableSql: () => never,
  nameableScopes: () => Promise.resolve(new Set()),
  reads: () => Promise.resolve(false),
  fields: () => Promise.resolve(new Set()),
  sameFields: () => new Set(),
  alike: () => false,
  hidden: () => always,
  holds: () => false,
  covers: () => Promise.resolve(false),
  lacksOf: () => Promise.resolve('session'),
  effective: () => [],
}

/** The rights of an actor, decided by their ability. */
export const rowRights = (actor: Actor, ability: MongoAbility, context: RightsContext): RowRights => {
  const { resources, root, db, actorResource, grantsOf, within, witness, keys } = context
  const places = context.places ?? ((resource: Resource, row: Values) => placesOf(db, resource, row))
  const needsScopes = (action: string, resource: Resource): boolean =>
    ability.possibleRulesFor(action, resource.name).some((rule) => rule.conditions !== undefined && 'scopes' in rule.conditions)
  const subjectOf = async (action: string, resource: Resource, row: Values) => {
    const scopes = needsScopes(action, resource) ? (await places(resource, row)).flatMap(({ ids }) => ids) : []
    return subject(resource.name, { ...row, scopes })
  }
  const allows = async (action: string, resource: Resource, row: Values, field?: string): Promise<boolean> => {
    const rule = ability.relevantRuleFor(action, await subjectOf(action, resource, row), field) ?? undefined
    witness?.ruled({ action, resource, rule })
    return rule !== undefined && !rule.inverted
  }
  const coversAll = async (wanted: Grant): Promise<boolean> => {
    const isCovered = await covers(db, resources, root, { actor, wanted })
    witness?.covered(wanted, isCovered)
    return isCovered
  }
  const among = async (action: string, resource: Resource, ids: readonly string[]): Promise<ReadonlySet<string>> => {
    if (ids.length === 0) return new Set()
    const { sql, bindings } = allowedSql(ability, action, resource)
    const { table } = resource
    const statement = reading(`select ${table}.id from ${table} where ${table}.id = any(?::text[]) and ${sql}`)
    const { rows } = await ask<{ id: string }>(db, statement, [[...ids], ...bindings])
    return new Set(rows.map((row) => row.id))
  }
  const nameable = async (resource: Resource, ids: readonly string[]): Promise<ReadonlySet<string>> => {
    const own = resource.name === actorResource ? ids.filter((id) => id === actor.id) : []
    return new Set([...own, ...(await among('get', resource, ids.filter((id) => !own.includes(id))))])
  }
  return {
    among,
    nameable,
    nameableSql: (resource) => {
      const readable = allowedSql(ability, 'get', resource)
      return resource.name === actorResource && readable !== always ? anyOf([equals(`${resource.table}.id`, actor.id), readable]) : readable
    },
    async nameableScopes(scopes) {
      const seen = new Set<string>()
      for (const name of new Set(scopes.map(({ resource }) => resource))) {
        const own = scopes.filter(({ resource }) => resource === name).map(({ id }) => id)
        for (const id of await nameable(resourceOf(resources, name), own)) seen.add(id)
      }
      return seen
    },
    reads: async (name, id) => (await nameable(resourceOf(resources, name), [id])).has(id),
    can: async (action, resource, row, field) =>
      (field === undefined && !witness && isEverywhere(ability, action, resource))
      || allows(action, resource, row, field),
    mayAsk: (action, resource, key) =>
      holds(actor, key, root) || ability.rulesFor(action, resource.name).some((rule) => !rule.inverted && rule.reason === 'rule'),
    sql: (action, resource) => allowedSql(ability, action, resource),
    async reach(action, resource) {
      const known = new Map<string, Within | undefined>()
      const asked: (readonly string[])[] = []
      const plain = allowedSql(ability, action, resource, (scopes) => void asked.push(scopes))
      if (!within || asked.length === 0) return plain
      for (const scopes of asked) known.set(scopes.join(' '), await within(resource, scopes))
      return allowedSql(ability, action, resource, (scopes) => known.get(scopes.join(' ')))
    },
    fields: async (action, resource, row, whole = false) => {
      const permitted = await permittedFields(ability, { action, resource, whole }, () => subjectOf(action, resource, row))
      const isOwn = resource.name === actorResource && row['id'] === actor.id && actor.keysOnly !== true
      for (const field of isOwn ? [] : resource.guarded) {
        if (!ability.can(readAction(field.name), await subjectOf(readAction(field.name), resource, row))) permitted.delete(field.name)
      }
      return permitted
    },
    sameFields: (action, resource, whole = false) => sameFields(ability, { action, resource, whole }),
    alike: (resource) => isAlike(ability, resource),
    hidden: (action, resource, field, whole = false) => hiddenSql(ability, { action, resource, whole }, field),
    holds: (key) => holds(actor, key, root),
    covers: coversAll,
    lacksOf: async (actorId) => {
      const positive = (await grantsOf(db, actorId)).filter((grant) => !grant.deny)
      const distinct = new Map(positive.map((grant) => [JSON.stringify([grant.key, grant.scopeId, grant.row]), grant]))
      const lacking = async (): Promise<string | undefined> => {
        for (const wanted of distinct.values()) if (!(await covers(db, resources, root, { actor, wanted }))) return wanted.key
        return undefined
      }
      const found = await lacking()
      witness?.over(actorId, found)
      return found
    },
    effective: () => effectiveKeys(actor, root, keys),
  }
}
