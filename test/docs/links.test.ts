// The documents' links: each leads to a file, and to a heading where it says so.
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect } from 'chai'
import { anchorsOf, documents, linksIn, read, root } from './markdown.ts'

/** The links of a text that lead nowhere. */
const broken = (document: string, text: string): string[] => linksIn(text).filter((link) => {
  const [path = '', anchor] = link.split('#')
  const target = path === '' ? document : join(dirname(document), path)
  if (!existsSync(join(root, target))) return true
  return anchor !== undefined && !anchorsOf(path === '' ? text : read(target)).has(anchor)
})

describe('docs: links', () => {
  for (const document of documents) {
    it(`${document}: lead somewhere`, () => expect(broken(document, read(document))).to.deep.equal([]))
  }

  it('every page of docs/ can be reached from the README', () => {
    const linked = linksIn(read('README.md')).map((link) => link.split('#')[0])
    expect(documents.filter((document) => document.startsWith('docs/') && !linked.includes(document))).to.deep.equal([])
  })

  it('catches a lost file and a lost heading', () => {
    expect(broken('docs/x.md', '[a](nowhere.md) [b](../README.md) [c](../README.md#a-quick-tour) [d](../README.md#no-such) [e](https://example.com)'))
      .to.deep.equal(['nowhere.md', '../README.md#no-such'])
  })
})
