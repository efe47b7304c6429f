// What the server says is wrong with a field, in the language of the person. The server speaks English; its sentences are few.
import { t } from '../texts/texts.ts'

type Words = (found: readonly string[]) => string

/** By the sentences of core/define/messages.ts, and of the plugins whose forms are here. */
const sentences: readonly (readonly [RegExp, Words])[] = [
  [/^(?:is required|may not be null)$/, () => t.value.faults.required],
  [/^is taken$/, () => t.value.faults.taken],
  [/^must be at least (\d+) characters long$/, ([least]) => t.value.faults.tooShort(Number(least))],
  [/^must be at most (\d+) characters long$/, ([most]) => t.value.faults.tooLong(Number(most))],
  [/^must be exactly (\d+) characters long$/, ([length]) => t.value.faults.exactly(Number(length))],
  [/^must be at most (\d+) bytes/, ([most]) => t.value.faults.tooManyBytes(Number(most))],
  [/^must be at least (-?[\d.]+)$/, ([least]) => t.value.faults.tooSmall(Number(least))],
  [/^must be at most (-?[\d.]+)$/, ([most]) => t.value.faults.tooLarge(Number(most))],
  [/^must be an integer$/, () => t.value.faults.integer],
  [/^must have at least (\d+) items$/, ([least]) => t.value.faults.tooFew(Number(least))],
  [/^must have at most (\d+) items$/, ([most]) => t.value.faults.tooMany(Number(most))],
  [/^must be one of: (.+)$/, ([values]) => t.value.faults.oneOf(values ?? '')],
  [/^must not be one of: (.+)$/, ([values]) => t.value.faults.noneOf(values ?? '')],
  [/^must not begin or end with white space$/, () => t.value.faults.trimmed],
  [/^must (?:not be only white space|hold something visible)$/, () => t.value.faults.blank],
  [/^must be in lower case$/, () => t.value.faults.lowerCase],
  [/^must be an e-mail address$/, () => t.value.faults.email],
  [/^must be in the future$/, () => t.value.faults.future],
  [/^there is no (?:such|[\w-]+ ").*$/, () => t.value.faults.gone],
  [/^must not be one of the last (\d+) passwords$/, ([count]) => t.value.faults.usedBefore(Number(count))],
  [/^is one of the most common passwords$/, () => t.value.faults.common],
  [/^is too easy to guess(.*)$/, ([why]) => t.value.faults.easy(why ?? '')],
  [/^must not be made of the name /, () => t.value.faults.ownName],
  [/^must have (an upper-case letter|a lower-case letter|a digit|a character that is .+)$/, ([kind]) => {
    const { uppercase, lowercase, digit, special } = t.value.passwordRules
    const kinds = new Map([['an upper-case letter', uppercase], ['a lower-case letter', lowercase], ['a digit', digit]])
    return t.value.faults.lacks(kinds.get(kind ?? '') ?? special)
  }],
  [/^must match /, () => t.value.faults.pattern],
  [/^must be 1 to 64 characters of /, () => t.value.faults.identifier],
  [/^must be an http or https address$/, () => t.value.faults.url],
  [/^must be a (?:day or a )?time in ISO 8601/, () => t.value.faults.time],
  [/^must (?:be one line without control|not hold control|not hold invisible|not change the direction)/, () => t.value.faults.signs],
]

/** @param message as the server has it; one that is not known stays as it is */
export const fieldFault = (message: string): string => {
  for (const [pattern, words] of sentences) {
    const found = pattern.exec(message)
    if (found) return words(found.slice(1))
  }
  return message
}
