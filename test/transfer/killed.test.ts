// An import that is killed and run again leaves what an unbroken one leaves, with and without external ids.
import { expect } from 'chai'
import { app } from '../../app.ts'
import { startServer } from '../../core/boot/server.ts'
import { root } from '../docs/markdown.ts'
import { run, type Ended } from '../docs/processes.ts'
import { onAnyDatabase } from '../kit/databases.ts'
import { longTest } from '../kit/extent.ts'
import { freshPlace, type Place } from '../kit/place.ts'
import { node } from '../kit/program.ts'
import type { Row } from '../kit/replies.ts'
import { recordingLog } from '../kit/server.ts'
import { allRows, filePlace } from './files.ts'

/** A transaction and a bit. */
const people = 640

const file = (hasNames: boolean): string => ['firstName,lastName,email,group.members', ...Array.from({ length: people }, (_, at) =>
  `F${at % 7},L,p${at}@example.com,${at % 200 === 0 ? 'Divers' : ''}`)]
  .map((line, at) => (hasNames ? `${at === 0 ? 'externalId' : `hr-${at}`},${line}` : line)).join('\n')

onAnyDatabase('transfer: a killed import', (kind) => {
  const files = filePlace()
  const places: Place[] = []
  after(async () => {
    files.remove()
    for (const place of places) await place.remove()
  })

  const importing = (place: Place, path: string, killedAfter: number): Promise<Ended> =>
    run(root, [...node, '--import=tsx', 'test/transfer/children/killed.ts', String(killedAfter), '--resource', 'user', path],
      { ...place.environment, SEED: 'none' }, 200_000)

  const inServer = async <T>(place: Place, task: (server: Awaited<ReturnType<typeof startServer>>) => Promise<T>): Promise<T> => {
    const server = await startServer(app, {
      environment: { ...place.environment, SEED: 'none' }, log: recordingLog(), print: () => undefined, interactive: false, listen: false,
    })
    try {
      return await task(server)
    } finally {
      await server.stop()
    }
  }
  /** What is there, without what differs from one import to the other. */
  const content = (place: Place): Promise<unknown> => inServer(place, async (server) => {
    const rows = (await allRows(server, 'user')).filter(({ email }) => String(email).endsWith('@example.com'))
    const [group] = await allRows(server, 'group')
    const members = await server.act('group-members-request', { id: group?.['id'], limit: 100 }, {})
    const { rows: names }: { rows: { count: number }[] } = await server.database.knex.raw('select count(*)::int from transfer_ids')
    return {
      people: rows.map(({ firstName, email, version }) => [firstName, email, version]),
      members: (members['items'] as Row[]).map(({ email }) => email), names: names[0]?.count,
    }
  })

  for (const hasNames of [true, false]) {
    longTest(`goes on where it was, ${hasNames ? 'by external ids' : 'by what its lines say'}`, async function () {
      this.timeout(400_000)
      const path = files.write(file(hasNames))
      const [whole, broken] = [await freshPlace(kind), await freshPlace(kind)]
      places.push(whole, broken)
      for (const place of [whole, broken]) await inServer(place, (server) => server.act('group-create', { name: 'Divers' }, {}))
      expect(await importing(whole, path, 0)).to.include({ code: 0, err: '' })
      const killed = await importing(broken, path, 580)
      expect(killed, 'ends in the middle').to.include({ code: null, out: '' })
      const last = await importing(broken, path, 0)
      expect(last).to.include({ code: 0, err: '' })
      expect(last.out).to.match(/of 640 records 140 created, 0 updated, 500 as they were, 0 refused/)
      expect(await content(broken)).to.deep.equal(await content(whole))
    })
  }
})
