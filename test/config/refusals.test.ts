// What cannot be a key or a value: refused with the bounds named, and nothing is changed by it.
import { expect } from 'chai'
import type { Fault } from '../../core/define/index.ts'
import { refusal, type Row } from '../../testing/contract/transport.ts'
import { onServer } from './servers.ts'

onServer('config: refusals', (world) => {
  const faults = async (event: string, payload: Row): Promise<Fault[]> =>
    refusal(await world().ask(event, payload), 'invalid_payload', `${event} ${JSON.stringify(payload).slice(0, 100)}`).details as Fault[]

  const values: readonly [string, unknown, Fault][] = [
    ['probe_limit', 101, { path: 'value', message: 'must be at most 100' }],
    ['probe_limit', 1_000_000_000, { path: 'value', message: 'must be at most 100' }],
    ['probe_limit', 0, { path: 'value', message: 'must be at least 1' }],
    ['probe_limit', 1.5, { path: 'value', message: 'must be an integer' }],
    ['probe_limit', '7', { path: 'value', message: 'must be a number' }],
    ['probe_limit', true, { path: 'value', message: 'must be a number' }],
    ['probe_limit', null, { path: 'value', message: 'may not be null' }],
    ['probe_limit', [7], { path: 'value', message: 'must be a number' }],
    ['probe_enabled', 'true', { path: 'value', message: 'must be a boolean' }],
    ['probe_enabled', 1, { path: 'value', message: 'must be a boolean' }],
    ['probe_mode', 'Fast', { path: 'value', message: 'must be one of: slow, fast' }],
    ['probe_tags', ['a', 'b', 'c', 'd'], { path: 'value', message: 'must have at most 3 items' }],
    ['probe_tags', ['fine', 'much too long'], { path: 'value[1]', message: 'must be at most 8 characters long' }],
    ['probe_window', { from: -1 }, { path: 'value.from', message: 'must be at least 0' }],
  ]
  for (const [key, value, fault] of values) {
    it(`${key} is not ${JSON.stringify(value)}: ${fault.message}`, async () => {
      const before = await world().ok('config-get', { key })
      expect(await faults('config-update', { key, value })).to.deep.equal([fault])
      expect(await world().ok('config-get', { key })).to.deep.equal(before)
    })
  }

  it('an unknown field of a setting that is an object', async () => {
    const found = await faults('config-update', { key: 'probe_window', value: { from: 1, until: 2 } })
    expect(found.map(({ path }) => path)).to.deep.equal(['value'])
  })

  it('the ends of the bounds are within', async () => {
    for (const value of [1, 100])
      expect(await world().ok('config-update', { key: 'probe_limit', value })).to.deep.equal({ key: 'probe_limit', value })
    await world().ok('config-delete', { key: 'probe_limit' })
  })

  it('all faults of one value at once', async () => {
    const found = await faults('config-update', { key: 'probe_limit', value: 0.5 })
    expect(found.map(({ message }) => message)).to.have.members(['must be at least 1', 'must be an integer'])
  })

  it('a value of more than 8 KiB, in bytes', async () => {
    expect(await world().ok('config-update', { key: 'big', value: 'é'.repeat(4095) })).to.have.property('key', 'big')
    expect(await faults('config-update', { key: 'big', value: 'é'.repeat(4096) })).to.deep.equal([
      { path: 'value', message: 'must be at most 8192 bytes as JSON' },
    ])
    await world().ok('config-delete', { key: 'big' })
  })

  it('a missing value, an unknown field, a wrong ifVersion', async () => {
    expect(await faults('config-update', { key: 'x' })).to.deep.equal([{ path: 'value', message: 'is required' }])
    expect(await faults('config-update', { key: 'x', value: 1, id: 'x' })).to.deep.equal([{ path: 'id', message: 'is an unknown field' }])
    expect(await faults('config-delete', { key: 'x', ifVersion: '1' })).to.deep.equal([{ path: 'ifVersion', message: 'must be a number' }])
  })

  for (const event of ['config-get', 'config-update', 'config-delete']) {
    it(`${event}: what is no key`, async () => {
      const wrong = [
        '', 'a b', 'é', 'a/b', 'a\n', '%', 'x'.repeat(129), '__proto__', 'constructor', 'prototype', 7, null, ['a'], { a: 1 }, undefined,
      ]
      for (const key of wrong) {
        const found = await faults(event, { key, ...(event === 'config-update' ? { value: 1 } : {}) })
        expect([...new Set(found.map(({ path }) => path))], JSON.stringify(key)).to.deep.equal(['key'])
      }
    })
  }

  it('keys of 1 and of 128 characters are keys, and so is what other objects inherit', async () => {
    for (const key of ['a', 'A.b-c_9'.padEnd(128, 'x'), 'toString', 'hasOwnProperty', '..']) {
      expect(await world().ok('config-update', { key, value: 1 })).to.deep.equal({ key, value: 1 })
      expect(await world().ok('config-delete', { key })).to.deep.equal({ key })
    }
  })
})
