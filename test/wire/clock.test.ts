// The clock of a machine is set now and then, by hand or by its time server: what counts how long something takes does not follow it.
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { setClockOf } from '../kit/clock.ts'
import { onAnyDatabase } from '../kit/databases.ts'
import { row } from '../kit/replies.ts'
import { openServer } from '../kit/test-server.ts'

/** Milliseconds: longer than a node waits from one look at its sockets to the next, and from one reading of the feed to the next. */
const moment = 2500

onAnyDatabase('A server whose clock is set', (kind) => {
  const server = openServer(kind)

  for (const [title, hours] of [['forward', 1], ['back', -1]] as const) {
    it(`${title}, again and again, keeps its sockets and goes on telling them`, async () => {
      const client = await server.socket(server.admin)
      let shift = 0
      const setBack = setClockOf(['core/', 'plugins/'], () => (shift += hours * 3_600_000))
      try {
        await sleep(moment)
      } finally {
        setBack()
      }
      const { id } = await client.ok('site-create', { label: title })
      await client.hear(({ event, args: [payload] }) => event.startsWith('site-') && row(payload)['id'] === id)
      expect(client.ends).to.deep.equal([])
    })
  }
})
