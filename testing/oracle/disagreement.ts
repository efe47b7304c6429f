// The one failure of this suite: the server answered otherwise than the contract. And what is let pass of it, on demand.

import { isSurvey, note } from './survey.ts'

export class Disagreement extends Error {
  override readonly name = 'Disagreement'
}

/** After a disagreement that was let pass the model knows no further. */
export class Lost extends Error {}

/**
 * Whether a disagreement is let pass: with ORACLE_SURVEY all are, and counted; with ORACLE_ONLY and ORACLE_EXCEPT (regular expressions)
 * those that do not or do match, to look for one fault while others are being mended.
 */
export function isPassed(message: string): boolean {
  if (isSurvey) {
    note(message)
    return true
  }
  const [only, except] = [process.env['ORACLE_ONLY'] ?? '', process.env['ORACLE_EXCEPT'] ?? '']
  return (only !== '' && !new RegExp(only).test(message)) || (except !== '' && new RegExp(except).test(message))
}
