// What is logged of a request: a line each, and of a flood that cannot be served one warning a second.
import { expect } from 'chai'
import { logAnswered } from '../../core/call/answered.ts'
import type { Log } from '../../core/define/plugin.ts'

describe('the log of requests', () => {
  it('warns of a flood once a second, with how many there were', () => {
    const lines: [string, object][] = []
    const level = (name: string) => (details: object): void => void lines.push([name, details])
    const log: Log = { error: level('error'), warn: level('warn'), info: level('info'), debug: level('debug') }
    let time = 0
    const answered = logAnswered(log, () => time)
    const tell = (code: 'ok' | 'internal' | 'unavailable'): void =>
      answered({ event: 'site-get', requestId: 'r', connection: { transport: 'http' }, code, milliseconds: 1 })
    for (let turn = 0; turn < 100; turn += 1) tell('unavailable')
    tell('internal')
    tell('ok')
    time = 1000
    tell('unavailable')
    tell('unavailable')
    time = 2000
    tell('unavailable')
    const warned = lines.flatMap(([name, details]) => (name === 'warn' ? [details] : []))
    expect(warned.map((details) => ('before' in details ? details.before : 0))).to.deep.equal([0, 99, 1])
    expect(lines.filter(([name]) => name === 'error')).to.have.length(1)
    expect(lines).to.have.length(105)
  })
})
