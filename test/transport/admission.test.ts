// Attempts to join `/` on one transport: another is made after a refusal, one at a time, and a flood costs no more than a few.
import { expect } from 'chai'
import type { Socket } from 'socket.io'
import { AppError } from '../../core/define/index.ts'
import { createAdmission, type AdmissionOptions } from '../../core/transport/admission.ts'

interface Answer {
  readonly refused: boolean
}

/** An admission whose authentication is counted, and knows the token `good`. */
const admission = () => {
  const seen: unknown[] = []
  const pending: (() => void)[] = []
  const transport = { closed: 0, close() { this.closed += 1 } }
  const wire = { cork: () => undefined, uncork: () => undefined }
  const options = { hold: false, door: true, crowded: false }
  const engine = {
    knex: {},
    requireRoom: () => {
      if (options.crowded) throw new AppError('unavailable', { retryAfter: 1 })
    },
    authenticator: {
      authenticate: async (_db: unknown, token: unknown) => {
        seen.push(token)
        if (options.hold) await new Promise<void>((resolve) => void pending.push(resolve))
        if (token !== 'good') throw new Error('no')
        return { actorId: 'a', sessionId: 's', expiresAt: Infinity }
      },
    },
    actors: { admit: () => Promise.resolve(undefined) },
  }
  const admit = createAdmission({
    engine: engine as unknown as AdmissionOptions['engine'], feedPos: () => 0, hasOtherDoor: () => options.door,
  })
  const connect = (token: string): Promise<Answer> => new Promise((resolve) => {
    const socket = { conn: transport, request: { socket: wire }, handshake: { auth: { token } }, data: {} }
    admit(socket as unknown as Socket, (error) => {
      expect(error?.message).to.be.oneOf([undefined, 'Unauthorized'])
      resolve({ refused: error !== undefined })
    })
  })
  return { connect, seen, pending, transport, options }
}

describe('transport: admission to /', () => {
  it('lets a client in that was refused before, any number of times', async () => {
    const { connect } = admission()
    for (let time = 0; time < 10; time += 1) {
      expect(await connect('old')).to.deep.equal({ refused: true })
      expect(await connect('good')).to.deep.equal({ refused: false })
    }
  })

  it('makes one attempt at a time', async () => {
    const { connect, seen, pending, options } = admission()
    options.hold = true
    const first = connect('good')
    expect(await connect('good')).to.deep.equal({ refused: true })
    expect(seen).to.have.length(1)
    for (const proceed of pending) proceed()
    expect(await first).to.deep.equal({ refused: false })
  })

  it('looks at no more than 20 wrong tokens of one transport within a minute', async () => {
    const { connect, seen } = admission()
    for (let time = 0; time < 500; time += 1) expect(await connect('old')).to.deep.equal({ refused: true })
    expect(seen).to.have.length(20)
  })

  it('closes the transport when nobody can know whether the token is good: a client comes again, who was refused would not', async () => {
    const { connect, transport, options } = admission()
    options.crowded = true
    await connect('good')
    expect(transport.closed, 'closed before anything could be written').to.equal(1)
    options.crowded = false
    expect(await connect('good')).to.deep.equal({ refused: false })
  })

  for (const [door, closed] of [[true, 0], [false, 1]] as const) {
    it(`a refusal ${door ? 'leaves a transport open that carries /auth' : 'closes any other transport'}`, async () => {
      const { connect, transport, options } = admission()
      options.door = door
      await connect('old')
      await new Promise(setImmediate)
      await new Promise(setImmediate)
      expect(transport.closed).to.equal(closed)
    })
  }
})
