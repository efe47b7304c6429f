// Keeps secrets out of the audit log, whatever their depth: what a setting says is one, and whole words in a name that mean one.

export const masked = '[masked]'

/** Words that mean a secret wherever they stand in a name. */
const secretWords = new Set([
  'password', 'passwd', 'pwd', 'passphrase', 'passcode', 'token', 'secret', 'credential', 'otp', 'totp', 'otpauth',
  'apikey',
])
/** Endings of words that do: `refreshtoken`; not beginnings, as in `secretary`, `passwordless`, `tokenizer`. */
const secretEnding = /(?:password|passwd|passphrase|token|secret|apikey|accesskey|privatekey|secretkey)$/
/** What makes a secret of the word after it: a recovery code is one, a postal code is none. */
const before = new Map<string, ReadonlySet<string>>([
  ['code', new Set(['recovery', 'backup', 'mfa', 'verification', 'confirmation', 'reset', 'access', 'security',
    'login', 'auth', 'authentication', 'invitation', 'pin', 'sms', 'one'])],
  ['key', new Set(['api', 'private', 'secret', 'signing', 'encryption', 'master', 'access'])],
  ['material', new Set(['key'])],
])
/** These alone are a name that means a secret. */
const secretAlone = new Set(['code', 'hash'])
/** Last words of names that say something about a secret and hold none: `tokenCount`, `account_password_min_length`. */
const aboutIt = new Set([
  'count', 'length', 'size', 'min', 'max', 'limit', 'score', 'threshold', 'duration', 'age', 'days', 'hours',
  'minutes', 'seconds', 'at', 'date', 'time', 'after', 'expiry', 'expires', 'expire', 'expiration', 'policy', 'type',
  'kind', 'name', 'status', 'enabled', 'required', 'version', 'attempts', 'id', 'ids',
])

const singular = (word: string): string => (word === 'hashes' ? 'hash' : word.replace(/(?<=[a-rt-z])s$/, ''))

/** `recoveryCodes`, `recovery_codes` and `RECOVERY-CODES2` → recovery, code. */
const wordsOf = (name: string): string[] =>
  name
    .slice(0, 256)
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .split(/[^A-Za-z\d]+/)
    .map((word) => word.toLowerCase().replace(/\d+$/, ''))
    .filter((word) => word !== '')

/** Whether a name means a secret: by whole words of it, not by parts of them. */
export const isSecretName = (name: string): boolean => {
  const given = wordsOf(name)
  if (given.length > 1 && aboutIt.has(given.at(-1) ?? '')) return false
  const words = given.map(singular)
  if (words.length === 1 && secretAlone.has(words[0] ?? '')) return true
  return words.some(
    (word, index) => secretWords.has(word) || secretEnding.test(word) || before.get(word)?.has(words[index - 1] ?? '') === true,
  )
}

/** `smtp://me:pw@host` → `smtp://[masked]@host`. */
const maskText = (text: string): string => text.replaceAll(/:\/\/[^/@\s]{1,256}@/g, `://${masked}@`)

/** What is left of a value under a secret's name: whether there is one, and flags. */
const maskValue = (value: unknown): unknown => (value === null || value === undefined || typeof value === 'boolean' ? value : masked)

/** Whether the setting of a key is declared as a secret: `.meta({ secret: true })`. */
export type IsSecretSetting = (key: string) => boolean

const none: IsSecretSetting = () => false

/** A copy without secrets, as JSON has it. An object whose `key` is that of a secret setting, or means a secret, loses its `value`. */
export const mask = (value: unknown, isSecretSetting: IsSecretSetting = none): unknown => {
  if (typeof value === 'string') return maskText(value)
  if (value instanceof Date) return value.toISOString()
  if (Array.isArray(value)) return value.map((item: unknown) => mask(item, isSecretSetting))
  if (typeof value !== 'object' || value === null) return value
  const named = 'key' in value && typeof value.key === 'string' && (isSecretSetting(value.key) || isSecretName(value.key))
  return Object.fromEntries(Object.entries(value).map(([name, item]: [string, unknown]) =>
    [name, isSecretName(name) || (named && name === 'value') ? maskValue(item) : mask(item, isSecretSetting)]))
}
