// A password made for somebody who has none: random, and allowed whatever the policy asks for.
import { randomInt } from 'node:crypto'

/** Without characters that look like others. */
const kinds = ['abcdefghijkmnopqrstuvwxyz', 'ABCDEFGHJKLMNPQRSTUVWXYZ', '23456789', '-_.+=']
const usual = 20

const pick = (from: string): string => from.charAt(randomInt(from.length))

/** One character of each kind at least, in random places. */
export const randomPassword = ({ minLength, maxLength }: { readonly minLength: number; readonly maxLength: number }): string => {
  const length = Math.min(Math.max(usual, minLength), maxLength)
  const letters = [...kinds, ...Array<string>(length - kinds.length).fill(kinds.join(''))].map(pick)
  for (let last = letters.length - 1; last > 0; last -= 1) {
    const other = randomInt(last + 1)
    const [a = '', b = ''] = [letters[last], letters[other]]
    letters[last] = b
    letters[other] = a
  }
  return letters.join('')
}
