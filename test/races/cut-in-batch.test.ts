// A client that is cut off in the middle of a batch, whose changes were merged: wherever that was, after its return it knows every
// row, and has heard of each as made before it heard of it as changed.
import { expect } from 'chai'
import type { Change, Client } from './client.ts'
import { eventually } from '../kit/wait.ts'
import { caught, describeRaces } from './harness.ts'

/** What a client that believes what it hears holds, and what it could not believe: a change of a row that it never heard of. */
const believe = (changes: readonly Change[]): { readonly rows: Set<string>; readonly surprises: string[] } => {
  const rows = new Set<string>()
  const surprises: string[] = []
  for (const { id, action, pos } of changes) {
    if (action === 'update' && !rows.has(id)) surprises.push(`${id} at ${pos}`)
    if (action === 'delete') rows.delete(id)
    else rows.add(id)
  }
  return { rows, surprises }
}

/** Rows a to f in transactions of their own: made, changed, deleted, made again, one after another and across each other. */
const steps = ['+a', '+b', '~a', '+c', '-b', '~c', '+d', '-d', '+b', '~a', '+e', '+d', '~d', '~b', '-e', '+f', '~e', '~f', '~c']

describeRaces('a client that is cut off in the middle of a batch', 2, (arena) => {
  const write = async (run: string, step: string): Promise<void> => {
    const id = `${run}-${step.slice(1)}`
    const text = {
      '+': 'insert into sites (id, label) values ($1, $1)', '~': "update sites set label = label || 'x' where id = $1",
      '-': 'delete from sites where id = $1',
    }[step.slice(0, 1)]
    await arena.sql(text ?? '', [id])
  }

  /** The steps as batches of the relay, each committed whole before the relay may run. */
  const play = async (run: string, batches: readonly (readonly string[])[], witness: Client): Promise<void> => {
    for (const [index, batch] of batches.entries()) {
      const session = await arena.session()
      await session.query("begin; select pg_advisory_xact_lock(hashtext('sovrane:relay'))")
      for (const step of batch) await write(run, step)
      await arena.sql('insert into groups (id, name) values ($1, $1)', [`${run}-end-${index}`])
      await session.query('commit')
      session.release()
      await eventually(async () => witness.changes.some(({ id }) => id === `${run}-end-${index}`), 'the batch is told')
    }
  }

  const shapes: Readonly<Record<string, readonly (readonly string[])[]>> = {
    'one batch': [steps],
    'two batches': [steps.slice(0, 9), steps.slice(9)],
    'many batches': [steps.slice(0, 4), steps.slice(4, 5), steps.slice(5, 11), steps.slice(11)],
  }

  it('the check catches a create that is lost', () => {
    const told = (action: string): Change => ({ resource: 'site', id: 'x', action, version: 1, pos: 1 })
    const broken = [[told('update')], [told('create'), told('delete'), told('update')]]
    caught('a change of an unknown row', broken.filter((changes) => believe(changes).surprises.length > 0).length, broken.length)
  })

  for (const [shape, batches] of Object.entries(shapes)) {
    it(`${shape}: cut off after any of its changes, on either node`, async function () {
      this.timeout(60_000)
      const run = arena.unique('cut')
      const stayed = await arena.connect(arena.admin.token, { node: 0 })
      const since = stayed.cursor
      await play(run, batches, stayed)
      await arena.settle(stayed)
      const own = stayed.changes.filter(({ id, pos }) => pos > since.pos && id.startsWith(run))
      const whole = believe(own)
      expect(whole.surprises).to.deep.equal([])
      expect([...whole.rows]).to.include.members(['a', 'b', 'c', 'd', 'f'].map((name) => `${run}-${name}`))
      expect([...whole.rows]).to.not.include(`${run}-e`)
      for (const [index, { pos }] of own.entries()) {
        const back = await arena.connect(arena.admin.token, { node: index, since: { epoch: since.epoch, pos } })
        await arena.settle(back)
        const { rows, surprises } = believe([...own.slice(0, index + 1), ...back.changes.filter(({ id }) => id.startsWith(run))])
        expect({ at: pos, surprises, rows: [...rows].toSorted() }).to.deep.equal({
          at: pos, surprises: [], rows: [...whole.rows].toSorted(),
        })
        back.close()
      }
    })
  }
})
