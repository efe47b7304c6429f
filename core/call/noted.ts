// What a transaction has changed, as its triggers have noted it for the caches of the node that commits it.

export interface NotedRow {
  readonly resource: string
  readonly id: string
}

/** `many`: more than is worth to tell one by one. Internal topics (`~rights`) are among them. */
export type Noted = readonly NotedRow[] | 'many'

/** Source: `sovrane_note` in core/migrations/005_stamps.ts. */
export const readNoted = (text: unknown): Noted => {
  if (typeof text !== 'string' || text === '') return []
  if (text === '*') return 'many'
  return text.split('\x1e').flatMap((entry) => {
    const [resource = '', id = ''] = entry.split('\x1f')
    return entry === '' ? [] : [{ resource, id }]
  })
}
