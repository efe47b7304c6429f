// A look at open sockets: who was answered by rights that came and went between two looks is told that they changed.
import { expect } from 'chai'
import type { Socket } from 'socket.io'
import { createReviews } from '../../core/transport/reviews.ts'

interface Data {
  readonly principal: object
  readonly begun: boolean
  rights: string
  strayed?: boolean
}

/** Someone who holds `rights` and was told so, with one socket. */
const someone = (rights: string) => {
  const heard: string[] = []
  const data: Data = { principal: { actorId: 'a', sessionId: 's' }, begun: true, rights }
  const socket = { data, connected: true, emit: (event: string) => heard.push(event) } as unknown as Socket
  const held = { now: rights }
  const reviews = createReviews({
    standingOf: (principals) => Promise.resolve(principals.map(() => ({ rights: held.now }))),
    byActor: new Map([['a', new Set([socket])]]), attend: () => Promise.resolve(), onTrouble: (error) => { throw error },
  })
  const look = async (): Promise<readonly string[]> => {
    heard.length = 0
    reviews.ask(['a'])
    await reviews.idle()
    return [...heard]
  }
  return { data, held, look }
}

describe('transport: a look at those who are connected', () => {
  it('tells of other rights, once', async () => {
    const { held, look } = someone('one')
    expect(await look()).to.deep.equal([])
    held.now = 'two'
    expect(await look()).to.deep.equal(['rights-changed'])
    expect(await look()).to.deep.equal([])
  })

  it('tells of the same rights, once, where an answer was given by others', async () => {
    const { data, look } = someone('one')
    data.strayed = true
    expect(await look()).to.deep.equal(['rights-changed'])
    expect(await look()).to.deep.equal([])
  })
})
