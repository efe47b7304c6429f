// What moves in lists: rows that someone has just changed glow, and those that were deleted stay for a moment to be seen leaving.
import { useEffect, useRef, useState } from 'preact/hooks'
import { client, type Row } from '../app/state.ts'

/** Milliseconds: as long as the styles say; `heard`: how long after its deletion a row may still be missed. */
const times = { glow: 2500, leave: 600, heard: 3000 }

/** The rows whose version is another one than when they were first shown, for a while. */
export const useGlow = (rows: readonly Row[]): ReadonlySet<string> => {
  const seen = useRef(new Map<string, unknown>())
  const until = useRef(new Map<string, number>())
  const now = Date.now()
  for (const { id, version } of rows) {
    if (seen.current.has(id) && seen.current.get(id) !== version) until.current.set(id, now + times.glow)
    seen.current.set(id, version)
  }
  return new Set([...until.current].filter(([, end]) => end > now).map(([id]) => id))
}

/** `left`, put in among the others where they were. */
const among = (rows: readonly Row[], left: readonly Row[], before: readonly Row[]): readonly Row[] => {
  const all = [...rows]
  for (const row of left) all.splice(Math.min(before.indexOf(row), all.length), 0, row)
  return all
}

/** `page`: of another one nothing leaves. @returns the rows to show, and those of them that are leaving */
export const useLeaving = (
  resource: string, rows: readonly Row[], page: number,
): { readonly rows: readonly Row[]; readonly leaving: ReadonlySet<string> } => {
  const deleted = useRef(new Set<string>())
  const last = useRef<{ readonly page: number; readonly rows: readonly Row[] }>({ page, rows })
  const [, setRound] = useState(0)
  useEffect(() => client.onChanged(({ resource: of, id, action }) => {
    if (of !== resource || action !== 'delete') return
    deleted.current.add(id)
    setTimeout(() => deleted.current.delete(id), times.heard)
  }), [resource])
  const ids = new Set(rows.map(({ id }) => id))
  const before = last.current.page === page ? last.current.rows : []
  const left = before.filter(({ id }) => !ids.has(id) && deleted.current.has(id))
  const shown = left.length === 0 ? rows : among(rows, left, before)
  last.current = { page, rows: shown }
  const key = left.map(({ id }) => id).join()
  useEffect(() => {
    if (key === '') return
    const timer = setTimeout(() => {
      for (const id of key.split(',')) deleted.current.delete(id)
      setRound((now) => now + 1)
    }, times.leave)
    return () => clearTimeout(timer)
  }, [key])
  return { rows: shown, leaving: new Set(left.map(({ id }) => id)) }
}
