// Rules that name null, or nothing at all, decided otherwise in lists than on single rows: found by test/property/access.test.ts.
import { expect } from 'chai'
import type { Knex } from 'knex'
import { onAnyDatabase } from '../kit/databases.ts'
import { roomApp } from '../support/room/app.ts'
import { sharedApp } from '../kit/shared-app.ts'
import { asItIs, disagreements } from '../property/agreement.ts'
import { writeWorld, type Case, type RandomRule, type World } from '../property/worlds.ts'

const room = (values: object) => ({ label: 'a', capacity: 1, accessible: true, kind: 'office', height: null, site_id: null, ...values })

const world: World = {
  departments: Array.from({ length: 7 }, (_, index) => ({ parent: index === 0 ? null : 0, site: index % 2 === 0 ? null : 0, label: 'a' })),
  rooms: [room({}), room({ height: 2, site_id: 's0' }), room({ height: -1.5, site_id: 's1' })],
}

class Undo extends Error {}

onAnyDatabase('regression: rules over nothing', (kind) => {
  /** The disagreements under rules on rooms of somebody who holds every key. */
  const under = async (...rules: Pick<RandomRule, 'inverted' | 'conditions'>[]): Promise<string[]> => {
    const { server } = await sharedApp(roomApp, kind)
    const given: Case = {
      grants: [{ key: 'root', scopeId: null, deny: false }], department: [],
      room: rules.flatMap((rule) => (['list', 'get'] as const).map((action) => ({ ...rule, action, fields: undefined }))),
    }
    const found: string[] = []
    await server.database.knex.transaction(async (trx: Knex) => {
      await writeWorld(trx, world)
      found.push(...(await disagreements(trx, server.assembly.resources, given, asItIs)))
      throw new Undo()
    }).catch((error: unknown) => {
      if (!(error instanceof Undo)) throw error
    })
    return found
  }

  before(async function () {
    this.timeout(120_000)
    await sharedApp(roomApp, kind)
  })

  // A denial by a list with null hid the row from get and showed it in lists.
  it('null in a list of values', async () => {
    expect(await under({ inverted: true, conditions: { siteId: { $in: [null, 's1'] } } })).to.deep.equal([])
    expect(await under({ inverted: true, conditions: { siteId: { $nin: [null] } } })).to.deep.equal([])
  })

  // JavaScript takes null for nought: get and list drew the line elsewhere.
  it('order over a value that is not there', async () => {
    for (const operator of ['$lt', '$lte', '$gt', '$gte']) {
      expect(await under({ inverted: true, conditions: { height: { [operator]: 0 } } }), operator).to.deep.equal([])
    }
  })

  // A rule about a field of the actor that he does not have matched every row without it.
  it('a value that is undefined, at any depth', async () => {
    for (const test of [undefined, { $eq: undefined }, { $in: [undefined] }, { $ne: undefined }]) {
      expect(await under({ inverted: true, conditions: { siteId: test } }), JSON.stringify(test)).to.deep.equal([])
    }
  })
})
