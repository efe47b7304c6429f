// bcrypt and the guessing of passwords in a worker thread: on the event loop twenty log-ins would stall every socket.
import { compareSync, hashSync } from 'bcryptjs'
import { guess, type Guess } from './guessing.ts'

export type HashTask =
  | { readonly kind: 'hash'; readonly password: string; readonly cost: number }
  /** `also`: hashes that are computed too, for the time that it takes. */
  | { readonly kind: 'compare'; readonly password: string; readonly hash: string; readonly also: readonly string[] }
  /** `words`: what is known of the account. */
  | { readonly kind: 'guess'; readonly password: string; readonly words: readonly string[] }

export const work = (task: HashTask): string | boolean | Guess => {
  if (task.kind === 'guess') return guess(task.password, task.words)
  if (task.kind === 'hash') return hashSync(task.password, task.cost)
  const equal = compareSync(task.password, task.hash)
  for (const hash of task.also) compareSync(task.password, hash)
  return equal
}
