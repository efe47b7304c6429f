// Seals entries: gives each its position and a signature that covers the one before. Behind the writers, never in their way.
import type { Knex } from 'knex'
import type { Log, Runtime } from '../../core/define/index.ts'
import { columns, type Written } from './entry.ts'
import { headToExtend, writeHead } from './head.ts'
import { holdersOfSealLock, takeSealLock } from './seal-lock.ts'
import type { Signer } from './signature.ts'
import { behind, longestWait, type Behind } from './unsealed.ts'

const batch = 1000
/** Milliseconds. docs/protocol.md §7: sealed within 5 s. */
const interval = 2000

/** Seals up to `batch` entries and answers how many; `held` while another has the lock. Entries that commit late come later in the chain, never in its middle. */
export const sealBatch = async (db: Knex, signer: Signer): Promise<number | 'held'> => {
  if (!(await takeSealLock(db))) return 'held'
  const open: { rows: Written[] } = await db.raw(`select ${columns} from audit_entries where seal_pos is null order by at, id limit ${batch}`)
  if (open.rows.length === 0) return 0
  let head = await headToExtend(db, signer)
  const sealed = open.rows.map((entry) => {
    const pos = head.pos + 1
    head = { pos, seal: signer.sign({ kind: 'seal', pos, previous: head.seal, entry }) }
    return { at: entry.timestamp.toISOString(), id: entry.id, ...head }
  })
  const written: { rowCount: number } = await db.raw(`
    update audit_entries e set seal_pos = v.pos, seal = v.seal from jsonb_to_recordset(?::jsonb) as v(at timestamptz, id text, pos bigint, seal text)
    where e.at = v.at and e.id = v.id and e.seal_pos is null`, [JSON.stringify(sealed)])
  if (written.rowCount !== sealed.length) throw new Error('Entries were changed while they were sealed')
  await writeHead(db, signer, head)
  return sealed.length
}

export interface Sealer {
  /** Seals all there is to seal. */
  run(): Promise<void>
  /** Set while sealing does not keep up, as this node has seen it last. */
  readonly behind: () => Behind | undefined
  stop(): Promise<void>
}

/** Seals every two seconds, whichever node gets the lock. */
export const startSealer = (runtime: Pick<Runtime, 'run'>, signer: Signer, log: Log): Sealer => {
  let running: Promise<void> | undefined
  let failing = false
  let late: Behind | undefined
  let kept = false
  const drain = async (): Promise<void> => {
    kept = false
    for (;;) {
      const sealed = await runtime.run(({ db }) => sealBatch(db, signer))
      if (sealed === batch) continue
      kept = sealed !== 'held'
      return
    }
  }
  const run = (): Promise<void> => (running ??= drain().finally(() => void (running = undefined)))

  /** Only when nothing was sealed: another node may have done it, or nobody can. */
  const look = async (): Promise<void> => {
    const found = kept ? undefined : await runtime.run(async ({ db }) => {
      const waiting = await behind(db)
      return waiting && { waiting, holders: await holdersOfSealLock(db) }
    })
    if (found && !late) log.error({ ...found.waiting, holders: found.holders }, `audit entries have waited for their seal for more than ${longestWait} s; whoever holds the lock keeps all nodes from sealing`)
    if (!found && late) log.info({}, 'audit entries are sealed again')
    late = found?.waiting
  }

  const tick = async (): Promise<void> => {
    try {
      await run()
      failing = false
    } catch (error) {
      if (!failing) log.error({ err: error }, 'audit entries could not be sealed; it is tried again')
      failing = true
    }
    await look().catch((error: unknown) => log.warn({ err: error }, 'it is unknown whether audit entries wait for their seal'))
  }
  const timer = setInterval(() => void tick(), interval)
  return {
    run,
    behind: () => late,
    async stop() {
      clearInterval(timer)
      // What this node wrote last is sealed before it goes.
      await tick()
    },
  }
}
