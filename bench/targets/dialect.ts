// How a target is spoken to: its events and payloads for the requests that all targets are measured by.
import type { Wire } from '../load/wire.ts'

/** An event and its arguments. */
export type Request = readonly [event: string, ...args: readonly unknown[]]

export interface Dialect {
  /** A socket of the token's owner, once the server has said that it is ready. */
  enter(url: string, token: string): Promise<Wire>
  /** A socket on which someone can log in. */
  lobby(url: string): Promise<Wire>
  /** Why a reply is not what was asked for; undefined when it is. */
  refusal(reply: readonly unknown[]): string | undefined
  /** Numbers of users and sites count from 1, as the rows were made; `fresh` is a number that no other request has. */
  readonly requests: {
    /** Missing where there is no empty request. */
    ping?(): Request
    get(user: number): Request
    /** With everything that the user refers to embedded. */
    getWithRelations?(user: number): Request
    list(page: number, limit: number): Request
    listSites(page: number, limit: number): Request
    create(fresh: number): Request
    updateUser(user: number, fresh: number): Request
    updateSite(site: number, fresh: number): Request
    logIn(user: number): Request
  }
  tokenOf(reply: readonly unknown[]): string
  /** How the frame begins by which everyone hears that a user changed. */
  readonly userChanged: string
  /** The request by which a client reads anew the user that such a frame names; missing where the frame holds the row. */
  readAnew?(frame: string): Request
}

/** What the operations send: the same for every target, so that all write rows of one size. */
export const userFields = (fresh: number) => ({
  firstName: `First${fresh}`, lastName: `Last${fresh}`, email: `fresh.${fresh}.${process.pid}@example.com`, locale: 'en',
  metadata: { title: 'Engineer', floor: 3 },
})

/** Sends a request and gives the reply. @throws Error when the target refuses it */
export const ask = async (dialect: Dialect, wire: Wire, [event, ...args]: Request): Promise<readonly unknown[]> => {
  const reply = await wire.ask(event, ...args)
  const refusal = dialect.refusal(reply)
  if (refusal !== undefined) throw new Error(`${event} was refused: ${refusal}`)
  return reply
}

/** Logs these users in. @returns their tokens */
export const logInAll = async (dialect: Dialect, url: string, users: readonly number[]): Promise<string[]> => {
  const wire = await dialect.lobby(url)
  const tokens: string[] = []
  for (const user of users) tokens.push(dialect.tokenOf(await ask(dialect, wire, dialect.requests.logIn(user))))
  wire.close()
  return tokens
}

