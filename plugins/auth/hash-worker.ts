// bcrypt in a worker thread: on the event loop twenty log-ins would stall every socket.
import { compareSync, hashSync } from 'bcryptjs'

export type HashTask =
  | { readonly kind: 'hash'; readonly password: string; readonly cost: number }
  /** `also`: hashes that are computed too, for the time that it takes. */
  | { readonly kind: 'compare'; readonly password: string; readonly hash: string; readonly also: readonly string[] }

export const work = (task: HashTask): string | boolean => {
  if (task.kind === 'hash') return hashSync(task.password, task.cost)
  const equal = compareSync(task.password, task.hash)
  for (const hash of task.also) compareSync(task.password, hash)
  return equal
}
