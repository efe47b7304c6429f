// In which of one's scopes rows lie, as the server says: asked for the rows that are shown, by those whose rights have scopes at all.
import { signal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { DescribedResource } from '#sovrane'
import { app, ask, client, me, type Row } from './state.ts'

/** What a row is known by: one that was changed may lie elsewhere. */
const keyOf = (resource: string, { id, version }: Row): string => `${resource} ${id} ${String(version)}`

const known = signal<ReadonlyMap<string, readonly string[]>>(new Map())

/** Undefined: it is not known. */
export const scopesOf = (resource: DescribedResource, row: Row): readonly string[] | undefined =>
  known.value.get(keyOf(resource.name, row))

/** One question takes no more. */
const most = 100

const isScoped = (): boolean => me.value?.keys.some(({ scopes, except }) => (scopes?.length ?? 0) > 0 || except.length > 0) ?? false

interface Reply {
  readonly items: readonly { readonly id: string; readonly scopes: readonly string[] }[]
}

const find = async (resource: string, rows: readonly Row[], signal: AbortSignal): Promise<void> => {
  const { items } = await ask<Reply>('rights-scopes', { resource, ids: rows.map(({ id }) => id) }, signal)
  const found = new Map(items.map(({ id, scopes }) => [id, scopes]))
  // A row of which the server tells nothing lies nowhere, and is not asked about again.
  const told = rows.map((row): [string, readonly string[]] => [keyOf(resource, row), found.get(row.id) ?? []])
  known.value = new Map([...known.value, ...told])
}

/** Of what is in the map a row may lie elsewhere by now. */
const forget = (): void => {
  if (known.value.size > 0) known.value = new Map()
}
client.onRightsChanged(forget)
client.onResync(forget)
client.onChanged(({ resource }) => {
  if (app.value?.resources.some(({ name, isScope }) => isScope && name === resource)) forget()
})

/** Has it asked for the rows. */
export const useRowScopes = (resource: DescribedResource, rows: readonly Row[]): void => {
  const missing = isScoped() ? rows.filter((row) => scopesOf(resource, row) === undefined) : []
  const key = missing.map((row) => keyOf(resource.name, row)).join()
  useEffect(() => {
    if (missing.length === 0) return
    const stop = new AbortController()
    // Without an answer no more is offered than the rows themselves tell.
    for (let at = 0; at < missing.length; at += most)
      find(resource.name, missing.slice(at, at + most), stop.signal).catch(() => undefined)
    return () => stop.abort()
  }, [key])
}
