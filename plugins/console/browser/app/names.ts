// The names of rows that one knows by their ids only: asked for once, all of a page together.
import { signal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { titleOf } from './format.ts'
import { mayAsk } from './rights.ts'
import { resourceNamed } from './rows.ts'
import { ask, type PageOf } from './state.ts'

/** `user 0190…` → the name; null: one may not see it, or it is gone. */
const known = signal<ReadonlyMap<string, string | null>>(new Map())

/** An `in` takes no more. */
const most = 50

const find = async (name: string, ids: readonly string[]): Promise<void> => {
  const resource = resourceNamed(name)
  const event = resource?.events['list']
  if (!resource || event === undefined || !mayAsk(event)) return
  const found = new Map<string, string | null>(ids.map((id) => [`${name} ${id}`, null]))
  try {
    const { items } = await ask<PageOf>(event, { limit: most, filter: { id: { in: ids } } })
    for (const row of items) found.set(`${name} ${row.id}`, titleOf(resource, row))
  } catch {
    // Ids will do.
  }
  known.value = new Map([...known.value, ...found])
}

interface Place {
  readonly resource: string | null
  readonly id: string | null
}

/** @returns what a row is called; undefined where that is not known */
export const useRowNames = (rows: readonly Place[]): ((resource: string, id: string) => string | undefined) => {
  const wanted = [...new Set(rows.flatMap(({ resource, id }) =>
    (resource === null || id === null || known.value.has(`${resource} ${id}`) ? [] : [`${resource} ${id}`])))]
  const key = wanted.join()
  useEffect(() => {
    const byResource = new Map<string, string[]>()
    for (const each of wanted) {
      const [resource = '', id = ''] = each.split(' ')
      byResource.set(resource, [...(byResource.get(resource) ?? []), id])
    }
    for (const [resource, ids] of byResource)
      for (let at = 0; at < ids.length; at += most) void find(resource, ids.slice(at, at + most))
  }, [key])
  return (resource, id) => known.value.get(`${resource} ${id}`) ?? undefined
}

/** The same of rows of one resource. */
export const useNames = (resource: string, ids: readonly (string | null)[]): ((id: string) => string | undefined) => {
  const names = useRowNames(ids.map((id) => ({ resource, id })))
  return (id) => names(resource, id)
}
