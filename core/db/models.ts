// Objection classes, built from definitions. Used where rows are written; reads are plain SQL, which is cheaper.
import { Model, type ColumnNameMappers, type ModelClass, type RelationMappings } from 'objection'
import type { CompiledRelation, Field } from '../boot/resource.ts'

interface ModelSource {
  readonly name: string
  readonly table: string
  readonly fields: ReadonlyMap<string, Field>
  readonly relations: ReadonlyMap<string, CompiledRelation>
  readonly tables: ReadonlyMap<string, string>
  modelOf(name: string): ModelClass<Model> | undefined
}

const mapNames = (fields: ReadonlyMap<string, Field>): ColumnNameMappers => {
  const toColumn = new Map([...fields.values()].map((field) => [field.name, field.column]))
  const toField = new Map([...fields.values()].map((field) => [field.column, field.name]))
  const rename = (names: ReadonlyMap<string, string>) => (row: Record<string, unknown>) =>
    Object.fromEntries(Object.entries(row).map(([name, value]) => [names.get(name) ?? name, value]))
  return { format: rename(toColumn), parse: rename(toField) }
}

const mappings = (source: ModelSource): RelationMappings => {
  const result: RelationMappings = {}
  for (const relation of source.relations.values()) {
    const modelClass = source.modelOf(relation.target)
    const target = source.tables.get(relation.target)
    if (!modelClass || target === undefined) continue
    if (relation.kind === 'one') {
      result[relation.name] = { relation: Model.BelongsToOneRelation, modelClass, join: { from: `${source.table}.${relation.column}`, to: `${target}.id` } }
    } else if (relation.kind === 'owned') {
      result[relation.name] = { relation: Model.HasManyRelation, modelClass, join: { from: `${source.table}.id`, to: `${target}.${relation.column}` } }
    } else {
      const through = { from: `${relation.table}.${relation.own}`, to: `${relation.table}.${relation.other}`, extra: relation.columns.map(({ column }) => column) }
      result[relation.name] = { relation: Model.ManyToManyRelation, modelClass, join: { from: `${source.table}.id`, through, to: `${target}.id` } }
    }
  }
  return result
}

/** The Objection class of a resource; `extend` is the definition's escape hatch. */
export const buildModel = (source: ModelSource, extend?: <M extends typeof Model>(Base: M) => M): ModelClass<Model> => {
  const names = mapNames(source.fields)
  const json = [...source.fields.values()].filter((field) => field.json && field.source === 'column').map((field) => field.name)
  class Base extends Model {
    static override get tableName(): string {
      return source.table
    }

    static override get jsonAttributes(): string[] {
      return json
    }

    static override get columnNameMappers(): ColumnNameMappers {
      return names
    }

    // A thunk: the targets' classes may not be built yet.
    static override get relationMappings(): () => RelationMappings {
      return () => mappings(source)
    }
  }
  Object.defineProperty(Base, 'name', { value: source.name })
  return extend ? extend(Base) : Base
}
