// Objection classes, built from definitions. Used where rows are written; reads are plain SQL, which is cheaper.
import { Model, type ColumnNameMappers, type ModelClass } from 'objection'

/** What a class needs to know of a resource. */
interface Source {
  readonly name: string
  readonly table: string
  readonly fields: ReadonlyMap<string, { readonly name: string; readonly column: string; readonly source: string; readonly json: boolean }>
  extend?<M extends typeof Model>(Base: M): M
}

const mapNames = (fields: Source['fields']): ColumnNameMappers => {
  const toColumn = new Map([...fields.values()].map((field) => [field.name, field.column]))
  const toField = new Map([...fields.values()].map((field) => [field.column, field.name]))
  const rename = (names: ReadonlyMap<string, string>) => (row: Record<string, unknown>) =>
    Object.fromEntries(Object.entries(row).map(([name, value]) => [names.get(name) ?? name, value]))
  return { format: rename(toColumn), parse: rename(toField) }
}

const buildModel = (source: Source): ModelClass<Model> => {
  const { name, table, fields } = source
  const names = mapNames(fields)
  const json = [...fields.values()].filter((field) => field.json && field.source === 'column').map((field) => field.name)
  class Base extends Model {
    static override get tableName(): string {
      return table
    }

    static override get jsonAttributes(): string[] {
      return json
    }

    static override get columnNameMappers(): ColumnNameMappers {
      return names
    }
  }
  Object.defineProperty(Base, 'name', { value: name })
  return source.extend ? source.extend(Base) : Base
}

const models = new WeakMap<Source, ModelClass<Model>>()

/** The Objection class of a resource, with what its definition adds to it. */
export const modelOf = (resource: Source): ModelClass<Model> => {
  const known = models.get(resource)
  if (known) return known
  const built = buildModel(resource)
  models.set(resource, built)
  return built
}
