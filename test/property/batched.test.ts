// Who asks while a question is under way is told by the next one: no answer is older than its request.
import { expect } from 'chai'
import { batched } from '../../core/access/batched.ts'

describe('property: one question for all who ask at a time', () => {
  /** Answers when it is told to; keeps what it was asked. */
  const asker = () => {
    const asked: { readonly keys: readonly string[]; readonly answer: (error?: Error) => void }[] = []
    const ask = batched<string, string>((keys) => new Promise((resolve, reject) => {
      const answer = (error?: Error): void => (error ? reject(error) : resolve(keys.map((key) => `${key} by ${asked.length}`)))
      asked.push({ keys, answer })
    }))
    return { asked, ask }
  }
  const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))

  it('is asked for all of a turn at once, and for those who come meanwhile after it', async () => {
    const { asked, ask } = asker()
    const first = [ask('a'), ask('b')]
    await turn()
    const second = [ask('c'), ask('a')]
    await turn()
    expect(asked.map(({ keys }) => keys)).to.deep.equal([['a', 'b']])
    asked[0]?.answer()
    expect(await Promise.all(first)).to.deep.equal(['a by 1', 'b by 1'])
    await turn()
    expect(asked.map(({ keys }) => keys)).to.deep.equal([['a', 'b'], ['c', 'a']])
    asked[1]?.answer()
    expect(await Promise.all(second)).to.deep.equal(['c by 2', 'a by 2'])
  })

  it('tells what it throws to those it was about, and goes on', async () => {
    const { asked, ask } = asker()
    const failing = Promise.allSettled([ask('a'), ask('b')])
    await turn()
    const later = ask('c')
    asked[0]?.answer(new Error('gone'))
    expect((await failing).map(({ status }) => status)).to.deep.equal(['rejected', 'rejected'])
    await turn()
    asked[1]?.answer()
    expect(await later).to.equal('c by 2')
  })

  it('is about 500 at most', async () => {
    const { asked, ask } = asker()
    const all = Array.from({ length: 1_200 }, (_, index) => ask(String(index)))
    for (let question = 0; question < 3; question += 1) {
      await turn()
      asked[question]?.answer()
    }
    expect(await Promise.all(all)).to.have.length(1_200)
    expect(asked.map(({ keys }) => keys.length)).to.deep.equal([500, 500, 200])
  })
})
