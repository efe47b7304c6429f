// A server whose database lacks what a definition needs: DRIFT says whether it starts, and what it then does.
import { expect } from 'chai'
import { boolean, object, string } from 'yup'
import { startServer, type Server } from '../../core/boot/server.ts'
import { errorReply } from '../../core/call/reply.ts'
import { defineResource } from '../../core/define/index.ts'
import { BootError } from '../../core/model/faults.ts'
import { onAnyDatabase } from '../kit/databases.ts'
import { cleanUp, freshPlace, undoLater } from '../kit/place.ts'
import { recordingLog, type AnyApp, type Recorded } from '../kit/server.ts'
import { lendingApp } from '../support/lending/app.ts'

/** A resource whose migration was forgotten. */
const note = defineResource({ name: 'note', schema: object({ text: string().max(100).required(), done: boolean().default(false) }) })
const withNote: AnyApp = { ...lendingApp, resources: [...lendingApp.resources, note] }

interface Started {
  readonly server: Server
  readonly log: Recorded
}

onAnyDatabase('boot: drift', (kind) => {
  afterEach(function () {
    this.timeout(120_000)
    return cleanUp()
  })

  const placeOf = async (): Promise<Readonly<Record<string, string>>> => {
    const { environment, remove } = await freshPlace(kind)
    undoLater(remove)
    return environment
  }

  const start = async (app: AnyApp, environment: Readonly<Record<string, string>>): Promise<Started> => {
    const log = recordingLog()
    const server = await startServer(app, { environment, log, print: () => undefined, interactive: false, listen: false })
    undoLater(() => server.stop())
    return { server, log }
  }

  const refusalOf = async (app: AnyApp, environment: Readonly<Record<string, string>>): Promise<readonly string[]> => {
    const error: unknown = await start(app, environment).then(() => undefined, (thrown: unknown) => thrown)
    expect(error).to.be.instanceOf(BootError)
    return error instanceof BootError ? error.faults : []
  }

  /** The code and reason of an event's error; undefined: it has succeeded. */
  const answerOf = async ({ server }: Started, event: string, payload: Record<string, unknown> = {}): Promise<unknown> => {
    try {
      await server.run((call) => call.call(event, payload, { as: 'system' }))
      return undefined
    } catch (thrown) {
      const { code, details } = errorReply(thrown, '').error
      return { code, details }
    }
  }
  const drift = { code: 'internal', details: { reason: 'drift' } }
  const forgotten = 'note: there is no table "notes". The migration is written by: npm run migration:diff -- notes'

  const told = ({ lines }: Recorded, level: string): string[] =>
    lines.filter((line) => line.level === level).map(({ details }) => ('difference' in details ? String(details.difference) : ''))

  it('is refused on PostgreSQL and told on the embedded database, unless DRIFT says otherwise', async () => {
    const environment = await placeOf()
    if (kind === 'postgres') expect(await refusalOf(withNote, environment)).to.deep.equal([forgotten])
    else expect(told((await start(withNote, environment)).log, 'warn')).to.deep.equal([forgotten])
  })

  it('is refused where DRIFT is refuse, with nothing but what requests need', async () => {
    const environment = { ...await placeOf(), DRIFT: 'refuse' }
    const first = await start(lendingApp, environment)
    await first.server.run(({ db }) =>
      db.raw('alter table assets add column legacy text; drop trigger b_record on loans; drop index assets_by_label'))
    await first.server.stop()
    expect((await refusalOf(withNote, environment)).map((fault) => fault.split('.')[0])).to.deep.equal([
      'loan: the table "loans" is not tracked: its rows would have no version, and no one would hear of their changes',
      'note: there is no table "notes"',
    ])
  })

  it('is told once where DRIFT is warn, and who needs what is missing is refused with a reason', async () => {
    const environment = { ...await placeOf(), DRIFT: 'warn' }
    const first = await start(lendingApp, environment)
    await first.server.run(({ db }) => db.raw(`alter table assets add column legacy text; drop trigger b_record on loans;
      drop index assets_by_label; create index assets_by_notes on assets (notes)`))
    await first.server.stop()
    const started = await start(withNote, environment)
    expect(told(started.log, 'warn').map((sentence) => sentence.split(/[.:] /)[0])).to.deep.equal(['loan', 'note', 'asset', 'asset.list'])
    expect(told(started.log, 'info').filter((each) => each !== '').map((each) => each.includes('assets_by_notes'))).to.deep.equal([true])
    for (const event of ['note-list-request', 'note-get', 'note-create', 'note-delete'])
      expect(await answerOf(started, event, { id: 'n', text: 'a' }), event).to.deep.equal(drift)
    // Its rows can be read; a change would have no version, and no one would hear of it.
    expect(await answerOf(started, 'loan-list-request')).to.equal(undefined)
    expect(await answerOf(started, 'loan-delete', { id: 'l' })).to.deep.equal(drift)
    expect(await answerOf(started, 'asset-list-request')).to.equal(undefined)
    expect(await answerOf(started, 'category-create', { label: 'Tools' })).to.equal(undefined)
  })

  it('is a reason too where it comes while the server runs', async () => {
    const started = await start(lendingApp, await placeOf())
    await started.server.database.knex.raw('drop table loans')
    expect(await answerOf(started, 'loan-list-request')).to.deep.equal(drift)
  })

  it('is never more than told where nothing needs it', async () => {
    const environment = { ...await placeOf(), DRIFT: 'refuse' }
    const first = await start(lendingApp, environment)
    await first.server.run(({ db }) => db.raw('alter table assets alter column state drop default; drop index assets_by_label'))
    await first.server.stop()
    expect(told((await start(lendingApp, environment)).log, 'warn')).to.have.length(2)
  })

  it('stops any start where a definition cannot be as it is', async () => {
    const second = defineResource({ name: 'borrowing', plural: 'loans_of', schema: object({}) })
    const environment = { ...await placeOf(), DRIFT: 'warn' }
    const first = await start(lendingApp, environment)
    await first.server.run(({ db }) => db.raw('alter table loans rename to loans_of'))
    await first.server.stop()
    expect((await refusalOf({ ...lendingApp, resources: [...lendingApp.resources, second] }, environment))[0])
      .to.match(/^borrowing: the table "loans_of" is tracked as that of "loan"\./)
  })
})
