// Checks a row of the contract's tables through every door that offers it: acknowledgement, response event, `/auth`, HTTP.
import { expect } from 'chai'
import type { Client } from '../kit/client.ts'
import { faultPaths, refusal, success, type Row } from '../kit/replies.ts'
import type { TestServer, Session } from '../kit/test-server.ts'
import { onHouse } from './on-house.ts'

export interface Asked {
  readonly payload: Row
  /** Who asks; for a public event, whose socket on `/` is used. */
  readonly by: Session
}

export interface EventRow {
  readonly event: string
  readonly isPublic?: true
  /** Works only where the client has given the proof that goes with the connection or the payload. */
  readonly prepare: (house: TestServer) => Promise<Asked>
  /** Looks at the reply of a success. */
  readonly reply: (reply: Row, asked: Asked) => void
}

const strays = (client: Client): string[] =>
  client.heard.map(({ event }) => event).filter((event) =>
    !['session', 'feed-head', 'session-expired'].includes(event) && !event.endsWith('-changed'))

export const describeRows = (title: string, table: readonly EventRow[]): void => onHouse(title, (house) => {
  for (const { event, isPublic, prepare, reply } of table) {
    const response = event.endsWith('-request') ? event.replace(/-request$/, '-response') : `${event}-response`

    it(`${event} on /: the reply goes to the acknowledgement`, async () => {
      const asked = await prepare(house)
      const client = await house.socket(asked.by)
      reply(await client.ok(event, asked.payload), asked)
      expect(strays(client)).to.deep.equal([])
    })

    it(`${event} on /: without an acknowledgement one ${response}`, async () => {
      const asked = await prepare(house)
      const client = await house.socket(asked.by)
      reply(success(await client.askByEvent(event, response, asked.payload), event), asked)
      expect(strays(client)).to.deep.equal([response])
    })

    it(`POST /api/${event}`, async () => {
      const asked = await prepare(house)
      reply(await house.ok(event, asked.payload, isPublic ? undefined : asked.by), asked)
    })

    it(`${event}: unknown fields are refused by name, payloads that are no object too`, async () => {
      const asked = await prepare(house)
      const by = isPublic ? undefined : asked.by
      expect(faultPaths(await house.no('invalid_payload', event, { ...asked.payload, bogus: 1 }, by))).to.include('bogus')
      const client = await house.socket(asked.by)
      for (const payload of [[], 'text', 1, true]) refusal(await client.ask(event, payload), 'invalid_payload')
    })

    if (isPublic) {
      it(`${event} on /auth`, async () => {
        const asked = await prepare(house)
        reply(await (await house.lobby()).ok(event, asked.payload), asked)
      })
    } else {
      it(`${event} is not on /auth, and needs a token over HTTP`, async () => {
        const asked = await prepare(house)
        await (await house.lobby()).no(event, asked.payload, 'unknown_event')
        await house.no('unauthenticated', event, asked.payload)
        await house.no('unauthenticated', event, asked.payload, { token: 'not-a-token' })
      })
    }
  }
})
