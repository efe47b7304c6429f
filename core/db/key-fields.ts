// Reads from a violated key which fields of the resource it is made of.

/** `parent_id` → `parentId`. */
const toFieldName = (column: string): string =>
  column.replace(/_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())

/** Words that stand in an index expression and name no column. */
const keywords = new Set(
  'and or not is null true false case when then else end collate both leading trailing from'.split(' '),
)

/**
 * The field names in the server's detail `Key (lower(email::text), site_id)=(…, …) already exists.`, each once and in order.
 * Whatever the language of the server, the key comes first and ends at `)=(`; the values after it are never looked at.
 * Without a detail, as when the database user may not read the table, the list is empty.
 */
export const keyFields = (detail: string | undefined): string[] => {
  const text = detail ?? ''
  const unquoted = text.slice(Math.max(text.indexOf('('), 0)).replace(/'(?:[^']|'')*'/g, ' ')
  const key = /^\((.+?)\)=\(/s.exec(unquoted)?.[1]
  if (key === undefined) return []
  const bare = key
    .replace(/::\s*"?\w+"?(?:\s+(?:varying|precision|without time zone|with time zone))?(?:\[\])?/g, ' ')
    .replace(/\b\w+\s*\(/g, ' ')
  const names = bare.match(/[a-z_][a-z0-9_]*/gi) ?? []
  return [...new Set(names.filter((name) => !keywords.has(name.toLowerCase())).map(toFieldName))]
}
