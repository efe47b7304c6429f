// Whether the database answers, for the health endpoint: one question at a time, on no connection of the requests, and not waited for long.
import type { Knex } from 'knex'

/** Milliseconds to wait for an answer, and for which one is good. */
const times = { patience: 2000, fresh: 200 }

/** Answers whether the database answers; asked by many at once, it asks once. */
export const createHealth = (upkeep: Knex): (() => Promise<boolean>) => {
  let asked: Promise<boolean> | undefined
  const ask = async (): Promise<boolean> => {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), times.patience)
    })
    const answer = upkeep.raw('select 1').then(() => true, () => false)
    return Promise.race([answer, late]).finally(() => {
      clearTimeout(timer)
      setTimeout(() => {
        asked = undefined
      }, times.fresh).unref()
    })
  }
  return () => (asked ??= ask())
}
