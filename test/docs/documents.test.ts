// The documents for programs are accepted by the validators of their standards, and hold what the description holds.
import { Parser } from '@asyncapi/parser'
import { createConfig, lintFromString } from '@redocly/openapi-core'
import { expect } from 'chai'
import { app } from '../../app.ts'
import type { Description } from '../../core/define/index.ts'
import { describeApp } from '../../core/describe/description.ts'
import { asyncapi } from '../../plugins/api-docs/asyncapi.ts'
import { openapi } from '../../plugins/api-docs/openapi.ts'
import { isWhole } from '../kit/extent.ts'
import { compiled } from '../kit/server.ts'

const description = describeApp(compiled(app))

/** What the validator of OpenAPI says of a document. */
const openapiFaults = async (document: object): Promise<string[]> => {
  const config = await createConfig({ extends: ['spec'] })
  const problems = await lintFromString({ source: JSON.stringify(document), absoluteRef: '/openapi.json', config })
  return problems.map(({ ruleId, message }) => `${ruleId}: ${message}`)
}

/** What the parser of AsyncAPI says of a document; that there is a newer version of the standard is no fault. */
const asyncapiFaults = async (document: object): Promise<string[]> => {
  const diagnostics = await new Parser().validate(JSON.stringify(document))
  return diagnostics.filter(({ code }) => code !== 'asyncapi-latest-version')
    .map(({ code, message, path }) => `${code}: ${message} ${path.join('.')}`)
}

/** One event of each form: the parser takes seconds for each dozen. .ci/nightly has them all. */
const ofEachForm = ({ events, ...rest }: Description): Description => {
  const formOf = ({ action, relation, kind, public: isPublic }: Description['events'][number]): string =>
    JSON.stringify([action, relation !== undefined, kind, isPublic])
  const forms = new Map(events.map((event) => [formOf(event), event]))
  return { ...rest, events: [...forms.values()] }
}

describe('docs: documents for programs', () => {
  it('openapi.json is OpenAPI 3.1', async () => {
    expect(await openapiFaults(openapi(description))).to.deep.equal([])
  })

  it('catches an OpenAPI document that is none', async () => {
    const document = { ...openapi(description), paths: { '/api/x': { post: { responses: { 200: {} } } } } }
    expect(await openapiFaults(document)).to.not.have.length(0)
  })

  it('asyncapi.json is AsyncAPI 3.0', async function () {
    this.timeout(120_000)
    expect(await asyncapiFaults(asyncapi(isWhole ? description : ofEachForm(description)))).to.deep.equal([])
  })

  it('catches an AsyncAPI document that is none', async () => {
    const document = { ...asyncapi({ ...description, events: [] }), operations: { x: { action: 'shout' } } }
    expect(await asyncapiFaults(document)).to.not.have.length(0)
  })

  it('have every event at its doors', () => {
    const { paths } = openapi(description) as { paths: object }
    const overHttp = description.events.filter(({ socketOnly }) => !socketOnly).map(({ event }) => `/api/${event}`)
    expect(Object.keys(paths)).to.deep.equal(overHttp)
    const { operations } = asyncapi(description) as { operations: Readonly<Record<string, { readonly action: string }>> }
    const received = Object.entries(operations).filter(([, { action }]) => action === 'receive').map(([name]) => name)
    const lobby = description.events.filter((event) => event.public).map(({ event }) => `lobby.${event}`)
    expect(received).to.deep.equal([...description.events.map(({ event }) => event), ...lobby])
    const sent = Object.entries(operations).filter(([, { action }]) => action === 'send').map(([name]) => name)
    expect(sent).to.deep.equal(description.broadcasts.map(({ event }) => event))
  })

  it('say of each event every error with its status', () => {
    const { paths } = openapi(description) as {
      paths: Readonly<Record<string, { readonly post: { readonly responses: Readonly<Record<string, { readonly description: string }>> } }>>
    }
    const statuses = new Map(description.errors.map(({ code, status }) => [code, String(status)]))
    for (const { event, errors, socketOnly } of description.events) {
      for (const { code, reasons } of socketOnly ? [] : errors) {
        const text = paths[`/api/${event}`]?.post.responses[statuses.get(code) ?? '']?.description
        expect(text, `${event} ${code}`).to.include(`\`${code}\``)
        for (const reason of reasons) expect(text, event).to.include(reason)
      }
    }
  })
})
