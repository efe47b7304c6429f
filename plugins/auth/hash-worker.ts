// bcrypt in a worker thread: on the event loop twenty log-ins would stall every socket.
import { compareSync, hashSync } from 'bcryptjs'

export type HashTask = { readonly kind: 'hash'; readonly password: string; readonly cost: number } | { readonly kind: 'compare'; readonly password: string; readonly hash: string }

export const work = (task: HashTask): string | boolean =>
  task.kind === 'hash' ? hashSync(task.password, task.cost) : compareSync(task.password, task.hash)
