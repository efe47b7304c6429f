// Another's sessions and API tokens: seen with `manage-sessions`, ended by those who hold all that the other holds, at once.
import { expect } from 'chai'
import { onHouse } from './on-house.ts'
import { rows, text } from '../kit/replies.ts'

onHouse("another's sessions and tokens", (house) => {
  const seen = async (id: string, by: { readonly token: string }) => {
    const { sessions, tokens } = await house.ok('auth-access-request', { id }, by)
    return { sessions: rows(sessions).map(({ id: session }) => session), tokens: rows(tokens).map(({ name }) => name) }
  }

  it('are listed, and ended one by one or all together; what is ended is refused', async () => {
    const desk = await house.enter({ can: ['manage-sessions', 'read-user'] })
    const person = await house.person()
    const [first, second] = [await house.login(person), await house.login(person)]
    const made = await house.ok('auth-token-create', { name: 'Backup' }, first)
    const shown = await seen(person.id, desk)
    expect(shown.sessions).to.have.members([first.sessionId, second.sessionId])
    expect(shown.tokens).to.deep.equal(['Backup'])
    const ended = await house.ok('auth-access-end', { id: person.id, sessions: [first.sessionId] }, desk)
    expect(ended).to.deep.equal({ sessions: 1, tokens: 0 })
    await house.no('unauthenticated', 'auth-me', {}, first)
    await house.ok('auth-me', {}, second)
    expect(await house.ok('auth-access-end', { id: person.id }, desk)).to.deep.equal({ sessions: 1, tokens: 1 })
    await house.no('unauthenticated', 'auth-me', {}, second)
    await house.no('unauthenticated', 'auth-me', {}, { token: text(made['token']) })
    expect(await seen(person.id, desk)).to.deep.equal({ sessions: [], tokens: [] })
  })

  it('of someone else are not ended by naming them beside a person whom one may', async () => {
    const desk = await house.enter({ can: ['manage-sessions', 'read-user'] })
    const [one, other] = [await house.enter(), await house.enter()]
    expect(await house.ok('auth-access-end', { id: one.id, sessions: [other.sessionId] }, desk)).to.deep.equal({ sessions: 0, tokens: 0 })
    await house.ok('auth-me', {}, other)
    await house.ok('auth-me', {}, one)
  })

  it('need the key, and to end them all that the other holds', async () => {
    const desk = await house.enter({ can: ['manage-sessions', 'read-user'] })
    const plain = await house.enter({ can: ['read-user'] })
    const more = await house.enter({ can: ['manage-sites'] })
    await house.no('forbidden', 'auth-access-request', { id: more.id }, plain)
    await house.no('forbidden', 'auth-access-end', { id: more.id }, plain)
    await house.ok('auth-access-request', { id: more.id }, desk)
    expect((await house.no('forbidden', 'auth-access-end', { id: more.id }, desk)).details).to.deep.equal({ permission: 'manage-sites' })
    await house.no('forbidden', 'auth-access-end', { id: house.admin.id }, desk)
    await house.ok('auth-me', {}, more)
  })
})
