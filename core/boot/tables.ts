// Definitions and the database, compared once all migrations have run: what is told of each difference, and which of them stop the start.
import type { Knex } from 'knex'
import type { Operation, Operations } from '../call/operation.ts'
import { readCatalogue } from '../db/catalogue.ts'
import { coreReasons } from '../define/errors.ts'
import type { Log } from '../define/plugin.ts'
import { BootError } from '../model/faults.ts'
import type { Resource } from '../model/resource.ts'
import { compare, formerSentences, namesOf } from '../schema/compare.ts'
import { gradeOf, type Difference, type Grade } from '../schema/differences.ts'
import { sentenceOf } from '../schema/sentences.ts'
import { isTold } from '../schema/tracking.ts'
import type { Definitions } from '../schema/wanted.ts'
import type { Assembly } from './assemble.ts'

/** Why lists of this database are not ordered and searched as people expect; undefined when they are. */
export const orderFault = async (knex: Knex): Promise<string | undefined> => {
  const result: { rows: { provider: string }[] } =
    await knex.raw("select collprovider as provider from pg_collation where oid = to_regcollation('sovrane_text')")
  return result.rows.some(({ provider }) => provider === 'i') ? undefined
    : 'the database has no ICU for its encoding: lists are sorted by its own locale, and searches find accented letters only as its locale folds them'
}

/** What of an assembly tables are compared with. */
export type Compared = Pick<Assembly, 'resources' | 'owners' | 'broadcasts'> & { readonly app: Pick<Assembly['app'], 'migrations'> }

export const definitionsOf = ({ resources, owners, broadcasts, app }: Compared): Definitions =>
  ({ resources, owners, heard: new Set(broadcasts.keys()), order: app.migrations.map(({ owner }) => owner) })

interface Comparison {
  readonly differences: readonly Difference[]
  /** The resources of whose rows every change is told. */
  readonly told: ReadonlySet<Resource>
  /** What makes searches slow, which no migration mends; undefined: nothing. */
  readonly unsearchable: string | undefined
  /** What is left of resources that no definition has any longer, each in a sentence. */
  readonly former: readonly string[]
}

/** Compares every definition with its tables, by one statement. */
export const compareTables = async (db: Knex, compared: Compared): Promise<Comparison> => {
  const definitions = definitionsOf(compared)
  const all = [...definitions.resources.values()]
  const catalogue = await readCatalogue(db, namesOf(definitions.resources))
  return {
    differences: compare(definitions, catalogue),
    former: formerSentences(definitions, catalogue),
    told: new Set(all.filter((resource) => isTold(resource, catalogue.tables))),
    unsearchable: catalogue.trigrams === undefined && all.some(({ list }) => list.search.size > 0)
      ? 'searches read whole tables: the database lacks the extension pg_trgm. Once it is there, the next start names the indexes to make'
      : undefined,
  }
}

/** How the sentences of a grade begin in the log. */
const titles: Readonly<Record<Exclude<Grade, 'never' | 'spare'>, string>> = {
  needed: 'the database lacks what a definition needs: requests that need it are refused',
  wrong: 'the database differs from a definition',
  slow: 'an index is missing: slower, never wrong',
}

/** What a resource cannot do: nothing at all, or no change. */
type Unfit = 'all' | 'writes'

/** What each resource cannot do while its table is as it is. Reading needs the columns; writing, the triggers that number rows. */
const unfitOf = (differences: readonly Difference[]): Map<string, Unfit> => {
  const found = new Map<string, Unfit>()
  for (const difference of differences) {
    const { kind, table: { resource: { name }, kind: of } } = difference
    if (of === 'resource' && (kind === 'table' || kind === 'column')) found.set(name, 'all')
    // Of another resource's triggers, clients of that one alone would hear.
    else if (kind === 'former' || (kind === 'tracking' && difference.tracking.kind === 'rows')) found.set(name, found.get(name) ?? 'writes')
  }
  return found
}

/** The operations of a server: those of a resource that is not fit are refused, by whichever door, and never tried. */
export const refusingUnfit = (operations: Operations, unfit: ReadonlyMap<string, Unfit>): Operations => {
  if (unfit.size === 0) return operations
  const parse = (): never => {
    throw coreReasons.drift()
  }
  const refusing = (operation: Operation): Operation => {
    const lacks = operation.resource === undefined ? undefined : unfit.get(operation.resource)
    const isRefused = lacks === 'all' || (lacks === 'writes' && operation.kind === 'mutation')
    return isRefused ? { ...operation, steps: { ...operation.steps, parse } } : operation
  }
  return new Map([...operations].map(([event, operation]) => [event, refusing(operation)]))
}

/**
 * Tells of each difference once, and answers what resources cannot do.
 * `drift`: whether the start is refused where requests would fail or changes would not be heard.
 * @throws BootError with every difference that stops the start, each with its place and the command that mends it
 */
export const judge = (
  { differences, former, unsearchable }: Omit<Comparison, 'told'>, drift: 'warn' | 'refuse', log: Log,
): ReadonlyMap<string, Unfit> => {
  const of = (...grades: Grade[]): string[] =>
    [...new Set(differences.filter((each) => grades.includes(gradeOf(each))).map(sentenceOf))]
  const stopping = drift === 'refuse' ? of('never', 'needed') : of('never')
  if (stopping.length > 0) throw new BootError(stopping)
  for (const [grade, title] of Object.entries(titles)) {
    for (const difference of of(grade as Grade)) log.warn({ difference }, title)
  }
  for (const difference of [...of('spare'), ...former]) log.info({ difference }, 'the database has what no definition needs')
  if (unsearchable !== undefined) log.warn({ difference: unsearchable }, titles.slow)
  return unfitOf(differences)
}
