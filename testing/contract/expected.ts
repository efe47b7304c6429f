// Which changes a write must cause, worked out from the definitions alone.
import { expect } from 'chai'
import type { Resource } from '../../core/model/resource.ts'
import { written } from './listener.ts'
import type { Row } from './transport.ts'
import type { World } from './world.ts'

type Action = 'create' | 'update' | 'delete'

/** A set of changes: of several changes of one row, one is told. */
export class Expected {
  readonly #changes = new Map<string, Action>()

  add(resource: string, action: Action, id: unknown): this {
    const key = `${resource}/${String(id)}`
    const known = this.#changes.get(key)
    if (known === undefined || action === 'delete') this.#changes.set(key, action)
    return this
  }

  /** All of these too. */
  and(...others: readonly Expected[]): this {
    for (const other of others) {
      for (const [key, action] of other.#changes) {
        const [resource = '', id = ''] = key.split('/')
        this.add(resource, action, id)
      }
    }
    return this
  }

  get lines(): string[] {
    return [...this.#changes].map(([key, action]) => {
      const [resource, id] = key.split('/')
      return `${resource ?? ''}-changed ${action} ${id ?? ''}`
    }).toSorted()
  }
}

/** The owners whose rows changed with a row of theirs: those it named before or names now, in the fields that differ. */
const addOwners = (
  world: World, expected: Expected, resource: Resource, { before, after }: { before: Row; after: Row },
): Expected => {
  for (const owner of world.resources.values()) {
    for (const relation of owner.relations.values()) {
      if (relation.kind !== 'owned' || relation.target.name !== resource.name) continue
      const [old, now] = [before[relation.of.field] ?? null, after[relation.of.field] ?? null]
      if (old === now) continue
      for (const id of [old, now]) if (id !== null) expected.add(owner.name, 'update', id)
    }
  }
  return expected
}

export const nothing = (): Expected => new Expected()

export const created = (world: World, resource: Resource, row: Row): Expected =>
  addOwners(world, nothing().add(resource.name, 'create', row['id']), resource, { before: {}, after: row })

export const updated = (world: World, resource: Resource, before: Row, after: Row): Expected =>
  addOwners(world, nothing().add(resource.name, 'update', before['id']), resource, { before, after })

export const deleted = (world: World, resource: Resource, row: Row): Expected =>
  addOwners(world, nothing().add(resource.name, 'delete', row['id']), resource, { before: row, after: {} })

/** The task must cause exactly these changes; what it gives is given on. */
export const causes = async <T>(world: World, task: () => Promise<T>, expected: (result: T) => Expected): Promise<T> => {
  const results: T[] = []
  const changes = await world.listener.during(async () => {
    results.push(await task())
  })
  const result = results[0] as T
  expect(written(changes)).to.deep.equal(expected(result).lines)
  return result
}

/** The task must change nothing. */
export const changesNothing = (world: World, task: () => Promise<unknown>): Promise<unknown> => causes(world, task, nothing)
