// The `<resource>-changed` events that a client heard, and how tests compare them.

import { expect } from 'chai'
import type { Client } from '../../kit/client.ts'
import { row, text } from '../../kit/replies.ts'
import type { Row } from '../../kit/replies.ts'

export interface Change {
  readonly event: string
  readonly id: string
  readonly action: string
  readonly version: number
  readonly pos: number
  readonly requestId: string | undefined
  /** The payload as it came. */
  readonly payload: Row
}

export function changesOf(client: Client): Change[] {
  return client.heard.filter(({ event }) => event.endsWith('-changed') && event !== 'rights-changed').map(({ event, args }) => {
    const payload = row(args[0])
    const { action, version, pos, requestId } = payload
    if (typeof version !== 'number' || typeof pos !== 'number')
      throw new Error(`${event} without version or pos: ${JSON.stringify(payload)}`)
    return {
      event, payload, version, pos,
      id: text(payload['id']),
      action: text(action),
      requestId: requestId === undefined ? undefined : text(requestId),
    }
  })
}

/** Fails unless exactly these changes were heard, written `user-changed update u1`, whatever their order. */
export function expectChanges(changes: readonly Change[], wanted: readonly string[]): void {
  expect(changes.map(({ event, action, id }) => `${event} ${action} ${id}`)).to.have.members([...wanted])
}
