// What a reply looks like on the wire, and the few ways in which tests look into it.
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'

export type Row = Readonly<Record<string, unknown>>

export interface WireError {
  readonly code: string
  readonly message: string
  readonly details: unknown
  readonly requestId: string
}

/** The closed list of docs/protocol.md §2.1, with the HTTP status of each code. */
export const statusOf: Readonly<Record<string, number>> = {
  invalid_payload: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  account_locked: 423,
  password_expired: 403,
  rate_limited: 429,
  payload_too_large: 413,
  unknown_event: 404,
  unavailable: 503,
  internal: 500,
}

export function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function row(value: unknown): Row {
  if (!isRow(value)) throw new Error(`expected an object, got ${JSON.stringify(value)}`)
  return value
}

export function rows(value: unknown): Row[] {
  if (!Array.isArray(value)) throw new Error(`expected an array, got ${JSON.stringify(value)}`)
  return value.map(row)
}

export function text(value: unknown): string {
  if (typeof value !== 'string') throw new Error(`expected a string, got ${JSON.stringify(value)}`)
  return value
}

export function number(value: unknown): number {
  if (typeof value !== 'number') throw new Error(`expected a number, got ${JSON.stringify(value)}`)
  return value
}

/** The reply, once it is sure that it is not an error. */
export function success(reply: unknown, event = 'the request'): Row {
  const answer = row(reply)
  if ('error' in answer) throw new Error(`${event} was refused: ${JSON.stringify(answer['error'])}`)
  return answer
}

/** Asks until room is found: a machine that others use too may be asked for more at once than it can do, and says so. */
export async function served(ask: () => Promise<unknown>): Promise<unknown> {
  for (;;) {
    const reply = await ask()
    const error = row(reply)['error']
    if (!isRow(error) || error['code'] !== 'unavailable') return reply
    await sleep(100)
  }
}

/** The error of a reply that must be one, with this code. */
export function refusal(reply: unknown, code: string): WireError {
  return refusalOfRace(reply, code)
}

/** The same where several come at once and their order decides which of these codes each gets. */
export function refusalOfRace(reply: unknown, ...codes: readonly string[]): WireError {
  const answer = row(reply)
  if (!('error' in answer)) throw new Error(`expected ${codes.join(' or ')}, got success: ${JSON.stringify(answer).slice(0, 500)}`)
  const error = row(answer['error'])
  const code = text(error['code'])
  expect(code, JSON.stringify(error).slice(0, 500)).to.be.oneOf([...codes])
  expect(error['message'], 'message').to.be.a('string').that.is.not.equal('')
  expect(error['requestId'], 'requestId').to.be.a('string').that.is.not.equal('')
  expect(Object.keys(error)).to.satisfy((keys: string[]) =>
    keys.every((key) => ['code', 'message', 'details', 'retryAfter', 'requestId'].includes(key)))
  return { code, message: text(error['message']), details: error['details'], requestId: text(error['requestId']) }
}

/** The paths that `invalid_payload` names. */
export function faultPaths(error: WireError): string[] {
  return rows(error.details).map((fault) => {
    expect(fault['message'], 'each fault has a message').to.be.a('string')
    return text(fault['path'])
  })
}

/** The ids of a page, in its order. */
export function ids(page: Row): string[] {
  return rows(page['items']).map((item) => text(item['id']))
}

/** Fails unless the page holds exactly these rows, whatever their order, and counts exactly them. */
export function expectExactly(page: Row, wanted: readonly string[]): void {
  expect(ids(page)).to.have.members([...wanted])
  expect(page['total'], 'total').to.equal(wanted.length)
}

/** `usedBy` of a conflict as `{ resource: count }`. */
export function usedBy(error: WireError): Readonly<Record<string, number>> {
  return Object.fromEntries(rows(row(error.details)['usedBy']).map((use) => [text(use['resource']), number(use['count'])]))
}
