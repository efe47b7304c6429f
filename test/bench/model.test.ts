// The model of scale: its lines go through what lies on a line, and what follows from them is arithmetic.
import { expect } from 'chai'
import { deliveries, fit, nodesUntilFull, predict, updatesTold, type Model } from '../../bench/growth/model.ts'

const line = (base: number, slope: number) => ({ base, slope })

const model: Model = {
  telling: line(1000, 5), memory: line(0, 20), database: line(400, 100), fellows: line(0, 150), idle: line(2, 8),
}

describe('bench: the model of scale', () => {
  it('finds the line that points lie on, and predicts them', () => {
    const found = fit([0, 100, 4000].map((at) => ({ at, cost: predict(line(1000, 5), at) })))
    expect(found.base).to.be.closeTo(1000, 1e-6)
    expect(found.slope).to.be.closeTo(5, 1e-6)
  })

  it('says that nothing costs nothing, rather than less', () => {
    const { base, slope } = fit([{ at: 1, cost: 1 }, { at: 2, cost: 4 }])
    expect(base).to.equal(0)
    expect(slope).to.be.within(1, 2)
  })

  it('does not see a line in one point', () => {
    for (const points of [[], [{ at: 1, cost: 1 }], [{ at: 1, cost: 1 }, { at: 1, cost: 2 }]])
      expect(() => fit(points)).to.throw('two points')
  })

  it('counts deliveries, updates and nodes', () => {
    expect(deliveries(model), '5 ms for 1,000 of them').to.equal(200_000)
    expect(updatesTold(model, 1800), '10 s for 1,000 updates').to.equal(100)
    // 1,000 ms a second: 2 + 40 whatever their number, 8 + 10 for each.
    expect(nodesUntilFull(model, 100, 1)).to.equal(53)
    expect(nodesUntilFull(model, 1_000_000, 1)).to.equal(0)
    expect(nodesUntilFull({ ...model, idle: line(2, 0) }, 0, 1)).to.equal(Number.POSITIVE_INFINITY)
  })
})
