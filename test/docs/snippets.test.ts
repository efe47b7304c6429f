// What the page of the API gives to copy: the client's name for each event leads back to that event.
import { expect } from 'chai'
import { app } from '../../app.ts'
import { eventOf } from '../../client/names.ts'
import { describeApp } from '../../core/describe/description.ts'
import { clientPath, snippetsOf } from '../../plugins/api-docs/browser/snippets.ts'
import type { Asked } from '../../plugins/api-docs/browser/described.ts'
import { compiled } from '../kit/server.ts'

const asked = describeApp(compiled(app)).events.map((described): Asked => ({
  event: described.event, group: '', about: described.about, more: '', response: described.response, payload: described.payload,
  reply: described.reply, example: described.example, marks: {
    kind: described.kind, action: described.action, ...(described.relation === undefined ? {} : { relation: described.relation }),
    public: described.public, socketOnly: described.socketOnly, keys: [], errors: [], broadcasts: [],
  },
}))

describe('docs: what the page gives to copy', () => {
  it('names each event as the client does', () => {
    expect(asked.map((each) => eventOf(clientPath(each).split('.')))).to.deep.equal(asked.map(({ event }) => event))
    const paths = asked.map(clientPath)
    expect(paths).to.include.members(['department.manager.get', 'group.addUser', 'auth.sessions.list', 'department.list', 'ping'])
  })

  it('is in each form for each event, but for what only a socket is answered', () => {
    for (const each of asked) {
      const names = snippetsOf(each, {}, 'https://example.com').map(({ name }) => name)
      expect(names, each.event).to.deep.equal(each.marks.socketOnly ? ['Socket.IO'] : ['curl', 'Client', 'Socket.IO'])
    }
  })

  it('writes what is typed so that no shell and no quote takes it apart', () => {
    const [site] = asked.filter(({ event }) => event === 'site-create')
    if (!site) throw new Error('there is no site-create')
    const texts = snippetsOf(site, { label: `it's $HOME "and"\n` }, 'https://example.com').map(({ text }) => text)
    expect(texts[0]).to.include(String.raw`-d '{"label":"it'\''s $HOME \"and\"\n"}'`)
    expect(texts[1]).to.include(String.raw`client.site.create({ label: 'it\'s $HOME "and"\n' })`)
  })
})
