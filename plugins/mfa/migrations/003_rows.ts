// The kind of a second factor is read with its user: told to caches, also where it alone changes.
import type { Knex } from 'knex'
import { announce } from '#sovrane'

export const up = (knex: Knex): Promise<void> => announce(knex, 'mfa_factors', { topic: '~user', id: 'user_id' })

export const down = async (knex: Knex): Promise<void> => {
  await knex.raw('drop trigger e_announce_user on mfa_factors')
}
