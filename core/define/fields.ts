// The field types that yup does not have: ids, labels, e-mail addresses, web addresses, free JSON.
import { mixed, number, string } from 'yup'
import { useMessages } from './messages.ts'
import { isAddress, lineFault } from './text.ts'

// Before any definition makes its schema.
useMessages()

const fits =
  (fault: (text: string) => string | undefined) =>
  (value: unknown): boolean =>
    typeof value !== 'string' || fault(value) === undefined

/** How a text is taken where it is not plain text of any number of lines, which is composed (NFC) and holds no controls. */
export type TextKind = 'line' | 'address' | 'verbatim' | 'id'
const kind = (text: TextKind) => ({ text })

const idPattern = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/

/** An id as docs/protocol.md §3.1 has it: 1 to 64 characters of `[A-Za-z0-9_-]`, the first a letter or digit. */
export const id = () =>
  string().matches(idPattern, 'must be 1 to 64 characters of A-Z a-z 0-9 _ -, the first a letter or digit').meta(kind('id'))

/** The version that a client has seen of what it changes: see `requireVersion`. */
export const ifVersion = () => number().integer().min(0).optional()

/** A line of text for people: 1 to `max` characters, something visible among them, no white space around it. */
export const label = (max: number) =>
  string().trim().min(1).max(max).meta(kind('line'))
    .test('line', ({ value }: { value: unknown }) => lineFault(String(value)) ?? 'is not one line', fits(lineFault))

/** What is compared as it was typed, such as a password: at most `max` characters of any kind, never brought into another form. */
export const verbatim = (max: number) => string().max(max).meta(kind('verbatim'))

/** The id of a row that can be the scope of a grant; the engine checks that it exists. */
export const scopeId = () => id().meta({ scope: true })

/** An e-mail address of at most 254 characters; whatever its spelling was, it arrives as `foldAddress` has it. */
export const email = () =>
  string()
    .max(254)
    .meta(kind('address'))
    .test(
      'email', 'must be an e-mail address', fits((value) => (isAddress(value) ? undefined : 'is none')),
    )

/** An http or https address of at most 2,048 characters, written whole: `https://host…`, without a user or password. */
export const httpUrl = () =>
  string()
    .max(2048)
    .meta(kind('line'))
    .test(
      'http-url', 'must be an http or https address', fits((value) => (isHttpUrl(value) ? undefined : 'is none')),
    )

// What a lenient parser repairs or drops: white space, quotes, brackets, backslashes, controls.
const brokenUrl = /[\s"<>\\^`{|}\p{C}]/u

const isHttpUrl = (value: string): boolean => {
  if (!/^https?:\/\/[^/?#]/i.test(value) || brokenUrl.test(value) || !URL.canParse(value)) return false
  const { username, password, hostname } = new URL(value)
  return username === '' && password === '' && hostname !== ''
}

const isoPattern = /^(\d{4})-(\d{2})-(\d{2})(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2}))?$/

/** Whether a text is a date, or a time with its zone, that exists (30 February does not). */
export const isIsoDate = (text: string): boolean => {
  const [, year, month, day] = isoPattern.exec(text) ?? []
  if (year === undefined || Number(year) === 0 || Number.isNaN(Date.parse(text))) return false
  return new Date(Date.UTC(Number(year), Number(month) - 1, Number(day))).getUTCDate() === Number(day)
}

/** A time in ISO 8601, such as `2026-01-31T09:00:00Z`, kept to the millisecond. */
export const dateTime = () =>
  string()
    .max(40)
    .meta({ date: true })
    .test(
      'iso-8601', 'must be a time in ISO 8601, such as 2026-01-31T09:00:00Z',
      (value) => value === undefined || value === null || (value.includes('T') && isIsoDate(value)),
    )

/** A day, such as `2026-01-31`, or a time as `dateTime` has it: for what is asked, not for what is kept. */
export const dayOrTime = () =>
  string()
    .max(40)
    .test('iso-8601', 'must be a day or a time in ISO 8601', (value) => value === undefined || value === null || isIsoDate(value))

const isPlainObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A free JSON object of at most `maxBytes` bytes of UTF-8 once written as JSON; an update replaces it whole. */
export const json = (maxBytes: number) =>
  mixed<Record<string, unknown>>(isPlainObject)
    .typeError('must be an object')
    .meta({ json: maxBytes })
    .test('size', `must be at most ${maxBytes} bytes as JSON`, (value) =>
      value === undefined || value === null || Buffer.byteLength(JSON.stringify(value)) <= maxBytes)
