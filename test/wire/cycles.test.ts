// docs/protocol.md §3.4: "A department is never its own ancestor: any way to make a cycle is conflict with details: { cycle: [ids] }".

import { expect } from 'chai'
import { onAnyDatabase } from './support/databases.ts'
import { ids, refusal, row } from '../kit/replies.ts'
import type { Row } from '../kit/replies.ts'

onAnyDatabase('Cycles of departments', (wire) => {
  /** A chain of departments from the top down. */
  const chain = async (length: number): Promise<string[]> => {
    const made: string[] = []
    for (let index = 0; index < length; index += 1) made.push(await wire.make('department', { parentId: made.at(-1) ?? null }))
    return made
  }

  /** Each way to put `low` above `top`. */
  const paths: Readonly<Record<string, (top: string, low: string) => readonly [string, Row]>> = {
    'department-parent-set': (id, parentId) => ['department-parent-set', { id, parentId }],
    'department-add-child': (childId, id) => ['department-add-child', { id, childId }],
    'department-update': (id, parentId) => ['department-update', { id, parentId }],
  }

  for (const [title, path] of Object.entries(paths)) {
    for (const length of [1, 2, 3, 6]) {
      it(`by ${title}, ${length} department${length === 1 ? '' : 's'} in the circle`, async () => {
        const made = await chain(length)
        const [event, payload] = path(made[0] ?? '', made.at(-1) ?? '')
        const { details } = refusal(await wire.admin.ask(event, payload), 'conflict')
        const { cycle } = row(details)
        expect(cycle).to.be.an('array')
        expect(new Set(cycle as readonly unknown[])).to.deep.equal(new Set(made))
        for (const id of made)
          expect(await wire.admin.ok('department-get', { id })).to.include({ parentId: made[made.indexOf(id) - 1] ?? null })
      })
    }
  }

  it('by department-create with its own id as parent', async () => {
    const { details } = refusal(
      await wire.admin.ask('department-create', { id: 'own-parent', label: 'No', parentId: 'own-parent' }), 'conflict',
    )
    expect(row(details)['cycle']).to.include('own-parent')
    refusal(await wire.admin.ask('department-get', { id: 'own-parent' }), 'not_found')
  })

  it('a refused cycle causes no change event', async () => {
    const [top = '', low = ''] = await chain(2)
    const client = await wire.connect(wire.adminToken)
    expect(await wire.changesDuring(client, async () => wire.admin.no('department-parent-set', { id: top, parentId: low }, 'conflict')))
      .to.deep.equal([])
  })

  it('moving a whole branch below another is no cycle', async () => {
    const one = await chain(3)
    const two = await chain(2)
    await wire.admin.ok('department-parent-set', { id: one[0], parentId: two[1] })
    expect(ids(await wire.admin.ok('department-ancestors-request', { id: one[2] }))).to.deep.equal([...two, one[0], one[1]])
  })

  it('"also under concurrency": four that each want the next above them never close the circle', async () => {
    for (let round = 0; round < 10; round += 1) {
      const made = [
        await wire.make('department'), await wire.make('department'), await wire.make('department'), await wire.make('department'),
      ]
      const replies = await Promise.all(made.map(async (id, index) =>
        wire.admin.ask('department-parent-set', { id, parentId: made[(index + 1) % made.length] })))
      const refused = replies.filter((reply) => 'error' in row(reply))
      expect(refused).to.have.lengthOf(1)
      expect(row(refusal(refused[0], 'conflict').details)['cycle']).to.be.an('array')
      const roots = await Promise.all(made.map(async (id) => (await wire.admin.ok('department-get', { id }))['parentId']))
      expect(roots.filter((parentId) => parentId === null)).to.have.lengthOf(1)
    }
  })
})
