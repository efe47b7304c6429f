// Settings that depend on each other cannot be brought apart, from neither side, nor by going back to a default, nor both at once.
import { expect } from 'chai'
import type { Setting } from '../../core/define/index.ts'
import { boolean, number } from 'yup'
import { setting } from '../../core/define/index.ts'
import { pairFaults, pairsOf } from '../../plugins/config/values.ts'
import { refusal, type Row } from '../../testing/contract/transport.ts'
import { onServer } from './servers.ts'

const declaredAs = (...settings: readonly Setting[]): Map<string, Setting> => new Map(settings.map((each) => [each.key, each]))
const length = (key: string, initial: number): Setting => setting(key, number().default(initial), 'A length')

describe('config: pairs of the contract', () => {
  it('the lengths of a password, and MFA that is required where it is not allowed', () => {
    const declared = declaredAs(length('account_password_min_length', 8), length('account_password_max_length', 64),
      setting('account_require_mfa', boolean().default(false), 'x'), setting('account_allow_mfa', boolean().default(true), 'x'))
    const wrong = new Map<string, unknown>([
      ['account_password_min_length', 40], ['account_password_max_length', 30], ['account_require_mfa', true], ['account_allow_mfa', false],
    ])
    expect(pairFaults(pairsOf(declared), wrong, 'value')).to.deep.equal([
      { path: 'value', message: '"account_password_min_length" must not be above "account_password_max_length"' },
      { path: 'value', message: '"account_require_mfa" must not be on while "account_allow_mfa" is off' },
    ])
    expect(pairFaults(pairsOf(declared), new Map([...declared].map(([key, { initial }]) => [key, initial])), 'value')).to.deep.equal([])
  })

  it('are none where one of the two is not declared', () => {
    expect(pairsOf(declaredAs(length('account_password_min_length', 8)))).to.deep.equal([])
  })
})

onServer('config: combinations', (world) => {
  afterEach(async () => {
    // In an order that is right whatever is set.
    for (const key of ['probe_strict', 'probe_enabled']) await world().ok('config-delete', { key })
    await world().ok('config-update', { key: 'probe_floor', value: 0 })
    for (const key of ['probe_ceiling', 'probe_floor']) await world().ok('config-delete', { key })
  })

  const refused = async (event: string, payload: Row): Promise<unknown> =>
    refusal(await world().ask(event, payload), 'invalid_payload', event).details
  const message = '"probe_floor" must not be above "probe_ceiling"'

  it('the lower above the upper, and the upper below the lower', async () => {
    expect(await refused('config-update', { key: 'probe_floor', value: 21 })).to.deep.equal([{ path: 'value', message }])
    await world().ok('config-update', { key: 'probe_floor', value: 20 })
    expect(await refused('config-update', { key: 'probe_ceiling', value: 19 })).to.deep.equal([{ path: 'value', message }])
    expect(await world().ok('probe-read')).to.include({ floor: 20, ceiling: 20 })
  })

  it('a default that would be below', async () => {
    await world().ok('config-update', { key: 'probe_ceiling', value: 40 })
    await world().ok('config-update', { key: 'probe_floor', value: 30 })
    expect(await refused('config-delete', { key: 'probe_ceiling' })).to.deep.equal([{ path: 'key', message }])
    expect(await world().ok('config-get', { key: 'probe_ceiling' })).to.have.property('value', 40)
  })

  it('a flag that needs another', async () => {
    const fault = [{ path: 'value', message: '"probe_strict" must not be on while "probe_enabled" is off' }]
    expect(await refused('config-update', { key: 'probe_strict', value: true })).to.deep.equal(fault)
    await world().ok('config-update', { key: 'probe_enabled', value: true })
    await world().ok('config-update', { key: 'probe_strict', value: true })
    expect(await refused('config-update', { key: 'probe_enabled', value: false })).to.deep.equal(fault)
  })

  it('the lengths of a password: 8 to 72, and the shortest not above the longest', async () => {
    const [min, max] = ['account_password_min_length', 'account_password_max_length']
    expect(await refused('config-update', { key: min, value: 3 })).to.deep.equal([{ path: 'value', message: 'must be at least 8' }])
    expect(await refused('config-update', { key: max, value: 100 })).to.deep.equal([{ path: 'value', message: 'must be at most 72' }])
    await world().ok('config-update', { key: max, value: 20 })
    expect(await refused('config-update', { key: min, value: 21 })).to.deep.equal([
      { path: 'value', message: `"${min}" must not be above "${max}"` },
    ])
    await world().ok('config-delete', { key: max })
  })

  it('both changed at once, again and again: never apart', async () => {
    for (let round = 0; round < 10; round += 1) {
      await Promise.all([
        world().ask('config-update', { key: 'probe_floor', value: 15 }),
        world().ask('config-update', { key: 'probe_ceiling', value: 10 }),
      ])
      const { floor, ceiling } = await world().ok('probe-read')
      expect(Number(floor), `round ${round}`).to.be.at.most(Number(ceiling))
      await world().ok('config-update', { key: 'probe_floor', value: 0 })
      for (const key of ['probe_ceiling', 'probe_floor']) await world().ok('config-delete', { key })
    }
  })
})
