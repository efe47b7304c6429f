// docs/api.md is what the definitions make of it, and it has every row of the API document.
import { expect } from 'chai'
import { app } from '../../app.ts'
import { markdown } from '../../plugins/api-docs/markdown.ts'
import { describedApp } from '../../testing/described.ts'
import { compiled } from '../kit/server.ts'
import { documentBroadcasts, documentRows } from '../wire/support/api-document.ts'
import { emitted, events as protocolEvents } from './protocol-page.ts'
import { read } from './markdown.ts'

const page = read('docs/api.md')

/** The part of the page that begins with a heading, up to the next. */
const sectionOf = (heading: string): string => page.split(`\n### ${heading}\n`)[1]?.split(/\n##+ /)[0] ?? ''

/** The first cells of the tables with such a head. */
const fieldsIn = (section: string, ...heads: readonly string[]): string[] => {
  const tables = heads.flatMap((head) => section.split(`| ${head} | what it is |`).slice(1)).map((text) => text.split('\n\n')[0] ?? '')
  return tables.flatMap((rows) => [...rows.matchAll(/^\| \**(\w+)\** \|/gm)].map(([, name = '']) => name))
}

describe('docs: api.md', () => {
  const described = describedApp(compiled(app))
  const { events, broadcasts, schemas } = described.description
  const byName = new Map(events.map((event) => [event.event, event]))

  it('is as the definitions have it; `npm run docs` writes it anew', () => {
    expect(page).to.equal(markdown(described.description))
  })

  it('has every event, once', () => {
    const headings = [...page.matchAll(/^### ([\w-]+)$/gm)].map(([, name = '']) => name)
    expect(headings).to.have.members([...events, ...broadcasts].map(({ event }) => event))
    expect(new Set(headings).size).to.equal(headings.length)
    expect(events.map(({ event }) => event)).to.have.members([...compiled(app).operations.keys()])
  })

  it('has everything that the server emits by itself', () => {
    expect(broadcasts.map(({ event }) => event)).to.have.members([...emitted.keys()])
    for (const { event, payload } of broadcasts) {
      // `nothing` on the page of the protocol is no field here.
      const wanted = (emitted.get(event) ?? []).map((field) => field.replace('?', ''))
      expect(Object.keys(payload['properties'] ?? {}), event).to.have.members(wanted)
    }
  })

  it('takes the fields that the protocol names, and no other', () => {
    for (const { event, required, optional } of protocolEvents) {
      const { payload } = byName.get(event) ?? {}
      const isAlias = (field: unknown): boolean => String((field as { description?: unknown }).description).startsWith('Another name of')
      const names = Object.entries(payload?.['properties'] ?? {})
        .filter(([name, field]) => name !== 'requestId' && !isAlias(field)).map(([name]) => name)
      // What cannot be searched or has nothing to include is named by the protocol for all lists.
      const beside = ['include', 'search'].filter((name) => optional.includes(name) && !names.includes(name))
      expect([...names, ...beside], event).to.have.members([...required, ...optional])
    }
  })

  for (const { event, response, request, reply } of documentRows) {
    it(`has ${event} of the API document, its response, and the fields of its examples`, () => {
      const section = sectionOf(event)
      expect(section.replaceAll('\n', ' ')).to.include(`Answered as \`${response}\``)
      expect(fieldsIn(section, 'payload')).to.include.members(Object.keys(request ?? {}))
      if (request) expect(described.payloadFault(event, request), 'the example of a request').to.equal(undefined)
      const [, row] = /It replies \[(\w+)\]\(#/.exec(section) ?? []
      const shown = row === undefined ? fieldsIn(section, 'reply', 'or') : Object.keys(schemas[row]?.['properties'] ?? {})
      expect(shown).to.include.members(Object.keys(reply ?? {}))
    })
  }

  it('has the broadcasts of the API document', () => {
    expect(broadcasts.map(({ event }) => event)).to.include.members([...documentBroadcasts])
  })

  it('has examples that are what their schemas say', () => {
    const faults = events.flatMap(({ event, example }) =>
      [described.payloadFault(event, example.payload), described.replyFault(event, example.reply)].filter((fault) => fault !== undefined))
    expect(faults).to.deep.equal([])
  })
})
