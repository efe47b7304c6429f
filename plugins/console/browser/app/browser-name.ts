// What a browser calls itself, in two words that people know.
import { t } from '../texts/texts.ts'

/** `Mozilla/5.0 (X11; Linux x86_64) … Chrome/140.0 Safari/537.36` → `Chrome · Linux`. */
export const browserName = (userAgent: string | null): string => {
  if (userAgent === null) return t.value.unknown
  const [, browser] = /(Firefox|Edg|OPR|Chrome|Safari|curl|node)/.exec(userAgent) ?? []
  const [, system] = /(Windows|Android|iPhone|iPad|Mac OS|Linux)/.exec(userAgent) ?? []
  const names: Readonly<Record<string, string>> = { Edg: 'Edge', OPR: 'Opera' }
  return [browser && (names[browser] ?? browser), system].filter((part) => part !== undefined).join(' · ') || userAgent.slice(0, 40)
}
