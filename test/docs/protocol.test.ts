// docs/protocol.md against the product: it has every event, error, key, setting and variable, and no other.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { app } from '../../app.ts'
import { catalogue } from '../../core/define/index.ts'
import { files, root, sources } from '../architecture/sources.ts'
import { compiled } from '../kit/server.ts'
import { emitted, errors, events, keys, publicEvents, resources, sections, settings, variables } from './protocol-page.ts'
import { variablesOf } from './variables.ts'

/** The sections that a text cites and the page does not have. */
const lost = (text: string): string[] =>
  [
    ...text.matchAll(/docs\/protocol\.md ((?:§\d+(?:\.\d+)?(?:, | and | to )?)+)/g),
  ].flatMap(([, cited = '']) => [...cited.matchAll(/§(\d+(?:\.\d+)?)/g)].map(([, number = '']) => number))
    .filter((number) => !sections.has(number))

describe('docs: protocol.md', () => {
  const assembly = compiled(app)
  const operations = [...assembly.operations.values()]
  const declared = assembly.contributors.flatMap(({ contribution }) => contribution.settings ?? [])

  it('has every event that the server answers, once, and no other', () => {
    const listed = events.map(({ event }) => event)
    expect(new Set(listed).size).to.equal(listed.length)
    expect(listed).to.have.members(operations.map(({ event }) => event))
  })

  it('says which of them need no session', () => {
    expect(publicEvents).to.have.members(operations.filter((operation) => operation.public).map(({ event }) => event))
  })

  it('has every event that the server emits by itself', () => {
    const changes = [...assembly.broadcasts.keys()].map((name) => `${name}-changed`)
    const own = sources().filter(({ path }) => path.startsWith('core/')).flatMap(({ text }) =>
      [...text.matchAll(/\bemit\('([a-z]+(?:-[a-z]+)*)'/g)].map(([, name = '']) => name))
    expect(own).to.include.members(['session', 'feed-head'])
    expect([...emitted.keys()]).to.have.members([...new Set([...changes, ...own])])
  })

  it('has the error codes with their statuses, in their order', () => {
    expect(errors).to.deep.equal(Object.entries(catalogue).map(([code, { status }]) => [code, status]))
  })

  it('has every permission key', () => {
    expect([...keys].toSorted()).to.deep.equal([...assembly.permissionKeys])
  })

  it('has every setting with its default', () => {
    expect(Object.fromEntries(settings)).to.deep.equal(Object.fromEntries(declared.map(({ key, initial }) => [key, String(initial)])))
  })

  it('has no variable that the server does not read, and the defaults of the others', () => {
    const read = variablesOf(app)
    expect(Object.fromEntries(variables)).to.deep.equal(Object.fromEntries([...variables.keys()].map((name) => [name, read.get(name)])))
  })

  it('has what each resource can be searched by', () => {
    for (const { name, searchable } of resources.values()) {
      expect(searchable, name).to.have.members([...assembly.resources.get(name)?.list.search ?? []])
    }
    expect([...resources.keys()]).to.have.members(app.resources.map(({ name }) => name))
  })

  it('has every section that is cited', () => {
    const cited = files().filter((path) => /\.(ts|md)$/.test(path) && !path.startsWith('test/docs/protocol')).flatMap((path) =>
      lost(readFileSync(join(root, path), 'utf8')).map((number) => `${path}: §${number}`))
    expect(cited).to.deep.equal([])
    expect(sources().filter(({ path, text }) => !path.startsWith('test/docs/protocol') && /\bwire contract\b|\bcontract §/i.test(text))
      .map(({ path }) => path), 'cite a page that is not here').to.deep.equal([])
    expect(lost('Source: docs/protocol.md §3.2, §9 and §3.9. See docs/protocol.md §12')).to.deep.equal(['3.9', '12'])
  })
})
