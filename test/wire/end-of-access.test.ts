// docs/protocol.md §4.2: what ends an account's access ends it for good, and an API token acts within its keys.

import { expect } from 'chai'
import { onAnyDatabase } from './support/databases.ts'
import { refusal, row, success, text } from '../kit/replies.ts'
import { otherPassword } from '../kit/passwords.ts'
import { refusedBy } from '../kit/client.ts'
import { login, type Wire } from './support/wire.ts'

async function held(wire: Wire): Promise<{
  readonly id: string; readonly email: string; readonly password: string; readonly access: string; readonly refresh: string;
  readonly api: string
}> {
  const person = await wire.person({ can: ['read-sites'] })
  const reply = await login(wire.url, person.email, person.password)
  const access = text(reply['accessToken'])
  const api = text(success((await wire.http('auth-token-create', { name: 'script' }, access)).body)['token'])
  return { ...person, access, refresh: text(reply['refreshToken']), api }
}

onAnyDatabase('The end of access', (wire) => {
  for (const status of ['suspended', 'archived']) {
    it(`${status}, then active again: nothing of before works, a log-in does`, async () => {
      const { id, email, password, access, refresh, api } = await held(wire)
      for (const each of [status, 'active']) success(await wire.admin.ask('user-update', { id, status: each }), 'user-update')
      for (const token of [access, api]) {
        refusal((await wire.http('site-list-request', {}, token)).body, 'unauthenticated')
        expect((await refusedBy(wire.url, { auth: { token } })).message).to.equal('Unauthorized')
      }
      refusal((await wire.http('auth-refresh', { refreshToken: refresh })).body, 'unauthenticated')
      await login(wire.url, email, password)
    })
  }

  it('a password that another has set ends the API tokens with the sessions', async () => {
    const { id, access, api } = await held(wire)
    success(await wire.admin.ask('user-update', { id, password: otherPassword }), 'user-update')
    for (const token of [access, api]) refusal((await wire.http('site-list-request', {}, token)).body, 'unauthenticated')
  })

  it('an API token without keys neither changes its owner\'s profile nor hears changes; `profile` gives the one', async () => {
    const { id, access } = await held(wire)
    const make = async (permissions: readonly string[]): Promise<string> =>
      text(success((await wire.http('auth-token-create', { name: 'script', permissions }, access)).body)['token'])
    const [none, profile] = [await make([]), await make(['profile'])]
    refusal((await wire.http('user-update', { id, firstName: 'Taken' }, none)).body, 'forbidden')
    refusal((await wire.http('user-get', { id }, none)).body, 'forbidden')
    expect(success((await wire.http('user-update', { id, firstName: 'Given' }, profile)).body)).to.include({ firstName: 'Given' })
    const [silent, listening] = [await wire.connect(none), await wire.connect(access)]
    await wire.make('site')
    await listening.hear('site-changed')
    success(await silent.ask('ping'), 'ping')
    // Where the feed is every socket is told, every few seconds.
    expect(silent.heard.map(({ event }) => event).filter((event) => event !== 'feed-head')).to.deep.equal(['session'])
    expect(row(success((await wire.http('auth-me', {}, none)).body)['user'])).to.deep.equal({ id })
  })

  it('auth-reauthenticate answers { success: true }, and an API token may not', async () => {
    const { password, access, api } = await held(wire)
    expect(success((await wire.http('auth-reauthenticate', { password }, access)).body)).to.deep.equal({ success: true })
    refusal((await wire.http('auth-reauthenticate', { password: 'Wrong-River-52-Lantern' }, access)).body, 'unauthenticated')
    refusal((await wire.http('auth-reauthenticate', { password }, api)).body, 'forbidden')
    refusal((await wire.http('auth-reauthenticate', { password })).body, 'unauthenticated')
  })
})
