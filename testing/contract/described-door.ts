// A door behind which each reply and each error is compared with the description of the API.
import type { Described } from '../described.ts'
import type { Door } from './transport.ts'

/** Asks as the door does. Throws when something is answered that is not described. */
export const describedDoor = (door: Door, described: Described): Door => ({
  ...door,
  async ask(person, event, payload) {
    const reply = await door.ask(person, event, payload)
    const fault = reply.ok ? described.replyFault(event, reply.data) : described.errorFault(event, reply.error)
    if (fault !== undefined) throw new Error(`Answered and not described: ${fault}`)
    return reply
  },
})
