// Sends every request of docs/rights.md, in its order, and compares every reply with what is written there.
import { expect } from 'chai'
import { read } from '../docs/markdown.ts'
import { onHouse } from './on-house.ts'
import { Reader, sectionsOf } from './sequences.ts'

const sections = sectionsOf(read('docs/rights.md'))

onHouse('the documented rights', (house) => {
  it('are as written', async function () {
    this.timeout(60_000)
    expect(sections).to.have.length(4)
    const reader = new Reader(house)
    for (const { steps } of sections) for (const step of steps) await reader.run(step)
  })
})
