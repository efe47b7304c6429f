// Addresses that were stored before they had one spelling get it, so that their owners still get in. Who shares one with another account
// keeps theirs.
import type { Knex } from 'knex'
import { foldAddress } from '#sovrane'

export const up = async (knex: Knex): Promise<void> => {
  const users: { id: string; email: string }[] = await knex('users').whereRaw("email ~ '[^ -~]' or lower(email) like '%xn--%'")
    .orderBy('created_at').select('id', 'email')
  for (const { id, email } of users) {
    const address = foldAddress(email)
    if (address === email) continue
    const taken = knex('users').whereRaw('lower(email) = lower(?)', [address]).whereNot({ id })
    await knex('users').where({ id }).whereNotExists(taken).update({ email: address })
  }
}

export const down = async (): Promise<void> => {
  // What the spelling was is not kept, and does not matter: it stood for the same address.
}
