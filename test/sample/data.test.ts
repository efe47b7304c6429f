// The sample data themselves: what the small organisation names exists, and the larger one is believable and repeatable.
import { expect } from 'chai'
import { addressOf } from '../../plugins/sample/organisation.ts'
import { cultures } from '../../plugins/sample/names.ts'
import { createRandom, drawPerson, freeAddresses, postsFor, type Person } from '../../plugins/sample/people.ts'
import { departments, groups, people } from '../../plugins/sample/small.ts'
import { planStructure } from '../../plugins/sample/structure.ts'

const draw = (seed: number, amount: number): Person[] => {
  const random = createRandom(seed)
  const { departments: planned } = planStructure(amount)
  return postsFor(amount, planned, planned.map((_, at) => at)).map((post) =>
    drawPerson(random, post, { departments: planned, groupsIn: () => [0, 1] }))
}

const nobody = () => Promise.resolve(new Set<string>())

describe('sample data', () => {
  it('of the small organisation name only what there is', () => {
    const names = people.map(({ name }) => name.join(' '))
    expect(new Set(names).size).to.equal(names.length)
    for (const { manager, label, parent } of departments) {
      expect(people.find(({ name }) => name.join(' ') === manager), `${label}: its manager works in it`).to.have.property(
        'department', label,
      )
      const before = departments.slice(0, departments.findIndex((one) => one.label === label)).map((one) => one.label)
      if (parent !== undefined) expect(before, `${label}: its parent comes first`).to.include(parent)
    }
    for (const { members, responsible } of groups) expect(names).to.include.members([...members, responsible])
  })

  it('give an address to every name', () => {
    for (const { first, last } of Object.values(cultures)) {
      for (const [at, name] of first.entries())
        expect(addressOf(name, last[at] ?? 'X')).to.match(/^[a-z-]{2,}\.[a-z-]{2,}@aldermoor\.example$/)
      for (const name of last) expect(addressOf('A', name)).to.match(/^a\.[a-z-]{2,}@/)
    }
    expect(addressOf('Zoë', 'O’Neill')).to.equal('zoe.oneill@aldermoor.example')
    expect(addressOf('Søren', 'De Luca', 3)).to.equal('soren.deluca3@aldermoor.example')
  })

  for (const amount of [1, 2, 10, 50, 1000, 10_000, 100_000]) {
    it(`plan a tree for ${amount} people`, () => {
      const { departments: planned, cities } = planStructure(amount)
      expect(planned.filter(({ parent }) => parent === undefined)).to.have.length(1)
      planned.forEach(({ parent }, at) => expect(parent ?? -1).to.be.lessThan(at))
      const siblings = planned.map(({ parent, label }) => `${parent}/${label}`)
      expect(new Set(siblings).size, 'siblings have names of their own').to.equal(siblings.length)
      expect(cities.length).to.be.within(2, 24)
      if (amount >= 50) expect(planned.length).to.be.lessThan(amount / 3)
      if (amount >= 1000) expect(planned.length).to.be.greaterThan(amount / 30)
    })
  }

  it('are the same for the same seed, and others for another', () => {
    expect(draw(7, 200)).to.deep.equal(draw(7, 200))
    expect(draw(7, 200)).to.not.deep.equal(draw(8, 200))
  })

  it('fill exactly the posts that were asked for, managers first', () => {
    const { departments: planned } = planStructure(100)
    const posts = postsFor(100, planned, [0, 3, 4])
    expect(posts).to.have.length(100)
    expect(posts.filter(({ manages }) => manages).map(({ department }) => department)).to.deep.equal([0, 3, 4])
    expect(posts.filter(({ manages, department }) => !manages && planned[department]?.isTeam !== true)).to.deep.equal([])
    expect(postsFor(2, planned, [0, 3, 4])).to.have.length(2)
  })

  it('seldom repeat a name, and never an address', async () => {
    const crowd = draw(1, 1000)
    expect(new Set(crowd.map(({ firstName, lastName }) => `${firstName} ${lastName}`)).size).to.be.greaterThan(930)
    const addresses = await freeAddresses(crowd, nobody)
    expect(new Set(addresses).size).to.equal(1000)
    const again = await freeAddresses(crowd, (wanted) => Promise.resolve(new Set(wanted.filter((address) => addresses.includes(address)))))
    expect(again.filter((address) => addresses.includes(address))).to.deep.equal([])
  })
})
