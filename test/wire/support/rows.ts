// The checks that every row of the API tables must pass, through each door: acknowledgement, response event, HTTP.

import { expect } from 'chai'
import { documentRows } from './api-document.ts'
import { onAnyDatabase } from './databases.ts'
import { faultPaths, refusal, success } from '../../kit/replies.ts'
import type { Row } from '../../kit/replies.ts'
import type { Wire } from './wire.ts'

export interface TableRow {
  readonly event: string
  readonly response: string
  /** Prepares what the request needs and gives its payload; called anew for each request. */
  readonly payload: (wire: Wire) => Promise<Row> | Row
  /** Looks at the reply of a success. */
  readonly reply: (reply: Row, payload: Row) => void
  /** Takes away what a literal id left behind. */
  readonly undo?: (wire: Wire) => Promise<unknown>
  /** Works without a token. */
  readonly isPublic?: boolean
}

async function around(row: TableRow, wire: Wire, work: (payload: Row) => Promise<void>): Promise<void> {
  const payload = await row.payload(wire)
  try {
    await work(payload)
  } finally {
    await row.undo?.(wire)
  }
}

export function describeRows(title: string, table: readonly TableRow[]): void {
  onAnyDatabase(`The table of events: ${title}`, (wire) => {
    for (const row of table) {
      const { event, response } = row
      const documented = documentRows.find((one) => one.event === event)
      if (documented !== undefined && documented.response !== response)
        throw new Error(`the API document answers ${event} with ${documented.response}`)

      it(`${event}: the reply goes to the acknowledgement, and to it alone`, async () => {
        await around(row, wire, async (payload) => {
          const client = await wire.connect(wire.adminToken)
          row.reply(success(await client.ask(event, payload), event), payload)
          await wire.settle(client)
          expect(client.heard.map((heard) => heard.event)).to.not.include(response)
          client.close()
        })
      })

      it(`${event}: without an acknowledgement exactly one ${response}`, async () => {
        await around(row, wire, async (payload) => {
          const client = await wire.connect(wire.adminToken)
          row.reply(success(await client.askByEvent(event, response, payload), event), payload)
          await wire.settle(client)
          const replies = client.heard.map((heard) => heard.event).filter((name) =>
            name !== 'session' && name !== 'feed-head' && !name.endsWith('-changed'))
          expect(replies).to.deep.equal([response])
          client.close()
        })
      })

      it(`POST /api/${event}: the same operation over HTTP`, async () => {
        await around(row, wire, async (payload) => {
          const { body } = await wire.http(event, payload, row.isPublic === true ? undefined : wire.adminToken)
          row.reply(success(body, event), payload)
        })
      })

      it(`${event}: "Unknown fields are refused (invalid_payload naming them)"`, async () => {
        await around(row, wire, async (payload) => {
          const error = refusal(await wire.admin.ask(event, { ...payload, bogus: 1, otherBogus: null }), 'invalid_payload')
          expect(faultPaths(error)).to.include.members(['bogus', 'otherBogus'])
        })
      })

      if (row.isPublic === true) continue
      it(`POST /api/${event} without or with a wrong token: unauthenticated`, async () => {
        await around(row, wire, async (payload) => {
          refusal((await wire.http(event, payload)).body, 'unauthenticated')
          refusal((await wire.http(event, payload, 'not-a-token')).body, 'unauthenticated')
        })
      })
    }
  })
}
