// Keeps secrets out of the audit log: by the name of the field, whatever its depth.

export const masked = '[masked]'

const secretName = /pass(?:word|wd|phrase)|token|secret|code|hash|credential|otp|(?:api|private|secret|signing|encryption|master|access)[_-]?key|key[_-]?material/i

export const isSecretName = (name: string): boolean => secretName.test(name)

/** `smtp://me:pw@host` → `smtp://[masked]@host`. */
const maskText = (text: string): string => text.replaceAll(/:\/\/[^/@\s]{1,256}@/g, `://${masked}@`)

/** What is left of a value under a secret's name: whether there is one, and flags. */
const maskValue = (value: unknown): unknown => (value === null || value === undefined || typeof value === 'boolean' ? value : masked)

/**
 * A copy without secrets, as JSON has it. An object whose `key` names a secret, such as a setting, loses the texts of its `value`;
 * numbers stay, or no one could see what became of `account_password_min_length`.
 */
export const mask = (value: unknown): unknown => {
  if (typeof value === 'string') return maskText(value)
  if (value instanceof Date) return value.toISOString()
  if (Array.isArray(value)) return value.map((item: unknown) => mask(item))
  if (typeof value !== 'object' || value === null) return value
  const named = 'key' in value && typeof value.key === 'string' && isSecretName(value.key)
  return Object.fromEntries(Object.entries(value).map(([name, item]: [string, unknown]) => {
    if (isSecretName(name)) return [name, maskValue(item)]
    return [name, named && name === 'value' && typeof item !== 'number' ? maskValue(item) : mask(item)]
  }))
}
