// What text may hold: one line for people, several lines, an address. Lengths are in code points.
// Source: docs/protocol.md §2; the properties are those of Unicode (UAX #44).
import { domainToASCII, domainToUnicode } from 'node:url'
import { StringSchema } from 'yup'

/** How many characters a text has, as people count them and the contract does. */
export const lengthOf = (text: string): number => {
  let length = 0
  for (const _each of text) length += 1
  return length
}

const visible = String.raw`[^\p{Z}\p{Cc}\p{Cf}\p{Co}\p{M}\p{DI}\u2800]`
const somethingVisible = new RegExp(visible, 'u')

/** Not in any text: all controls but tab and line ends, and the two characters that turn the order of what follows round. */
const control = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F\u202D\u202E]/u
const lineEnd = /[\t\n\r\u0085\u2028\u2029]/u
/** Direction that is set and may not be set back, in a line that stands among others. */
const direction = /[\u202A-\u202E\u2066-\u2069]/u
const meaningless = /[\p{Co}\p{Noncharacter_Code_Point}]/u
/** Joiners have a rule of their own; marks of direction, variants of a character and the tags of flags belong to what they stand with. */
const harmless = String.raw`\u200C\u200D\u061C\u200E\u200F\uFE00-\uFE0F\u{E0100}-\u{E01EF}\u{E0020}-\u{E007F}\u180B-\u180F`
const invisible = new RegExp(String.raw`(?![${harmless}])[\p{DI}\uFFF9-\uFFFB\u2800]`, 'u')
/** A joiner that joins nothing: persian and indic letters, and the parts of an emoji, stand on both sides of it. */
const looseJoiner = new RegExp(
  String.raw`(?<!${visible}[\p{M}\p{Sk}]*)[\u200C\u200D]|[\u200C\u200D](?!(?!\p{DI})(?:${visible}|\p{M}))`, 'u',
)

/** What is wrong with a text of any number of lines; undefined: nothing. */
export const textFault = (text: string): string | undefined => (control.test(text) ? 'must not hold control characters' : undefined)

/** What is wrong with a line of text for people. */
export const lineFault = (text: string): string | undefined => {
  if (control.test(text) || lineEnd.test(text)) return 'must be one line without control characters'
  if (!somethingVisible.test(text)) return 'must hold something visible'
  if (direction.test(text)) return 'must not change the direction of what follows'
  if (meaningless.test(text) || invisible.test(text) || looseJoiner.test(text)) return 'must not hold invisible or meaningless characters'
  return undefined
}

const atom = /^[\p{L}\p{N}!#$%&'*+/=?^_`{|}~-][\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]*$/u
const domainLabel = /^[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}-]*[\p{L}\p{M}\p{N}])?$/u
const asciiLabel = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/
const ignorable = /\p{DI}/u

const split = (address: string): [local: string, domain: string] => {
  const at = address.lastIndexOf('@')
  return at < 0 ? [address, ''] : [address.slice(0, at), address.slice(at + 1)]
}

/** The one form of an internationalised domain: as people read it. Undefined when it is none. */
const foldDomain = (domain: string): string | undefined => {
  if (!domain.split('.').every((label) => domainLabel.test(label))) return undefined
  const ascii = domainToASCII(domain)
  // What ends in a number is an address of four bytes, in one of its spellings.
  if (ascii.length === 0 || ascii.length > 253 || /(?:^|\.)\d+$/.test(ascii) || !ascii.split('.').every((label) => asciiLabel.test(label)))
    return undefined
  const spelled = domainToUnicode(ascii).normalize('NFC')
  // Later versions of Node leave a name in Punycode that stands for nothing as it is.
  return spelled === '' || /(?:^|\.)xn--/.test(spelled) ? undefined : spelled
}

/**
 * One spelling for all spellings of an e-mail address: composed (NFC), in lower case, the domain as people read it, not in
 * punycode. Whatever stores or looks up an address goes through it. What is malformed is only put in lower case.
 */
export const foldAddress = (address: string): string => {
  const [local, domain] = split(address.normalize('NFC').toLowerCase().normalize('NFC'))
  return domain === '' ? local : `${local}@${foldDomain(domain) ?? domain}`
}

/** Whether a text is an e-mail address: no quoted parts, no comments, nothing invisible. Linear in its length. */
export const isAddress = (text: string): boolean => {
  const [local, domain] = split(text)
  if (ignorable.test(text) || lengthOf(local) > 64) return false
  return local.split('.').every((part) => atom.test(part)) && foldDomain(domain.toLowerCase()) !== undefined
}

/** Whether every `%` of a part of a URL stands for something. */
export const isDecodable = (text: string): boolean => {
  try {
    decodeURIComponent(text)
    return true
  } catch {
    return false
  }
}

interface Bound { readonly name: 'min' | 'max' | 'length'; readonly holds: (length: number, bound: number) => boolean }

const bounds: readonly Bound[] = [
  { name: 'min', holds: (length, bound) => length >= bound },
  { name: 'max', holds: (length, bound) => length <= bound },
  { name: 'length', holds: (length, bound) => length === bound },
]

/** Lets `min`, `max` and `length` of every text count code points; yup counts UTF-16 units, of which an emoji has two. */
export const countCodePoints = (texts: Readonly<Record<Bound['name'], (params: never) => string>>): void => {
  for (const { name, holds } of bounds) {
    Object.defineProperty(StringSchema.prototype, name, {
      configurable: true,
      writable: true,
      value(this: StringSchema, bound: number, message: unknown = texts[name]) {
        return this.test({
          name, message: message as string, exclusive: true, skipAbsent: true, params: { [name]: bound },
          test(text) {
            return holds(lengthOf(text ?? ''), this.resolve(bound))
          },
        })
      },
    })
  }
}
