// A log-in changes what is read of a user: told to caches alone, since it is no change of the user.
import type { Knex } from 'knex'
import { announce } from '#sovrane'

export const up = (knex: Knex): Promise<void> => announce(knex, 'logins', { topic: '~user', id: 'user_id' })

export const down = async (knex: Knex): Promise<void> => {
  await knex.raw('drop trigger e_announce_user on logins')
}
