// The contract of app.ts has the events of docs/protocol.md, each with the fields that its payload needs and may have, and no other. The
// page itself is held against the server by test/docs.
import { expect } from 'chai'
import { events, type DocumentedEvent } from '../docs/protocol-page.ts'
import { errorsIn } from './compiler.ts'

const union = (names: readonly string[]): string => (names.length === 0 ? 'never' : names.map((name) => `'${name}'`).join(' | '))

/** Each statement on a line of its own, so that an error tells which event it is about. */
const statements = (documented: readonly DocumentedEvent[]): string => `// Made by contract.test.ts.
import type { AppContract as C } from '../../../app.ts'
import type { EventOf, PayloadOf } from '../../../core/define/index.ts'

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false
type Needed<T> = { [K in keyof T]-?: object extends Pick<T, K> ? never : K }[keyof T]
const holds = <_T extends true>(): void => undefined
holds<Same<EventOf<C>, ${union(documented.map(({ event }) => event))}>>()
${documented.map(({ event, required, optional }) => [
  `holds<Same<keyof PayloadOf<C, '${event}'>, ${union([...required, ...optional, 'requestId'])}>>()`,
  `holds<Same<Needed<PayloadOf<C, '${event}'>>, ${union(required)}>>()`,
].join('; ')).join('\n')}
`

/** The lines of the made file that do not hold. */
const wrongIn = async (documented: readonly DocumentedEvent[]): Promise<string[]> => {
  const text = statements(documented)
  const errors = await errorsIn({ 'documented.ts': text })
  return errors.map((error) => text.split('\n')[Number(/documented\.ts\((\d+),/.exec(error)?.[1]) - 1] ?? error)
}

describe('types: the contract of app.ts', function () {
  this.timeout(120_000)

  it('has the events of docs/protocol.md, with the fields of their payloads', async () => {
    expect(await wrongIn(events)).to.deep.equal([])
  })

  it('is seen to differ where a field is another one, or is needed', async () => {
    const changed = events.map((each) => {
      if (each.event === 'auth-login') return { ...each, required: ['email', 'pass'] }
      return each.event === 'site-create' ? { ...each, required: [], optional: [...each.optional, ...each.required] } : each
    })
    const wrong = await wrongIn(changed)
    expect(wrong.filter((line) => line.includes("'auth-login'"))).to.have.length(2)
    expect(wrong.filter((line) => line.includes("'site-create'"))).to.have.length(1)
    expect(wrong).to.have.length(3)
  })
})
