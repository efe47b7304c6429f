// The chain of seals: each entry gets its position and a signature that covers the one before. Behind the writers, never in their way.
import type { Knex } from 'knex'
import { coalesce, type Log, type Runtime } from '#sovrane'
import { sealedEntries, type Anchor, type Head, type Signer } from './entry.ts'
import { lateAfter, readBehind, takeWaiting, type Behind } from './waiting.ts'

/** The end of the chain before its first entry. */
export const genesis: Head = { pos: 0, seal: '' }

/** `missing`: there is none, as before the first seal. `forged`: its signature is not ours. */
export const readHead = async (db: Knex, signer: Signer): Promise<Head | 'missing' | 'forged'> => {
  const stored: Head & { readonly mac: string } | undefined = await db('audit_head').first('pos', 'seal', 'mac')
  if (!stored) return 'missing'
  const { mac, ...head } = stored
  return signer.verify({ kind: 'head', head }, mac) ? head : 'forged'
}

const writeHead = async (db: Knex, signer: Signer, head: Head): Promise<void> => {
  await db('audit_head').insert({ one: true, ...head, mac: signer.sign({ kind: 'head', head }) }).onConflict('one').merge()
}

/**
 * Where the sealer goes on. When the head was lost or forged although entries are sealed, a position is left out:
 * no one can fill that gap, so `audit-verify` goes on reporting it.
 */
const headToExtend = async (db: Knex, signer: Signer): Promise<Head> => {
  const head = await readHead(db, signer)
  if (typeof head === 'object') return head
  const last: { rows: Head[] } = await db.raw('select pos, seal from audit_seals order by pos desc limit 1')
  const anchors: { rows: { to: number | null }[] } = await db.raw('select max(to_pos) as "to" from audit_anchors')
  const sealed = last.rows[0] ?? genesis
  const anchored = anchors.rows[0]?.to ?? 0
  if (head === 'missing' && sealed.pos === 0 && anchored === 0) return genesis
  return { pos: Math.max(sealed.pos, anchored) + 1, seal: sealed.seal }
}

/** The anchors whose signatures are ours, by position. */
export const readAnchors = async (db: Knex, signer: Signer): Promise<Anchor[]> => {
  const rows: (Anchor & { readonly mac: string })[] = await db('audit_anchors').orderBy('from_pos')
    .select({ from: 'from_pos', to: 'to_pos', before: 'before_seal', seal: 'seal', mac: 'mac' })
  return rows.flatMap(({ mac, ...anchor }) => (signer.verify({ kind: 'anchor', anchor }, mac) ? [anchor] : []))
}

export const writeAnchor = async (db: Knex, signer: Signer, anchor: Anchor): Promise<void> => {
  const { from, to, before, seal } = anchor
  await db('audit_anchors').insert({ from_pos: from, to_pos: to, before_seal: before, seal, mac: signer.sign({ kind: 'anchor', anchor }) })
}

/** The seal at a position, as it stands: of the entry there, or of an anchor that ends there. */
export const sealAt = async (db: Knex, pos: number, anchors: readonly Anchor[]): Promise<string | undefined> => {
  if (pos === genesis.pos) return genesis.seal
  const found: { rows: { seal: string }[] } = await db.raw(`select seal from ${sealedEntries} where pos = ? limit 1`, [pos])
  return found.rows[0]?.seal ?? anchors.find(({ to }) => to === pos)?.seal
}

// Any user of the database can hold the lock under which entries are sealed and dropped: no one waits for it, and its holder is named.
const lockKey = "hashtext('sovrane:audit-seal')"

/** Takes the lock for the transaction; false while another has it. */
export const takeSealLock = async (db: Knex): Promise<boolean> => {
  const lock: { rows: { taken: boolean }[] } = await db.raw(`select pg_try_advisory_xact_lock(${lockKey}) as taken`)
  return lock.rows[0]?.taken === true
}

/** The sessions that hold the lock, as far as this database user may see them; `since`: when the session began. */
const holdersOfSealLock = async (db: Knex): Promise<object[]> => {
  const found: { rows: object[] } = await db.raw(`
    select l.pid, a.usename::text as "user", a.application_name as application, host(a.client_addr) as address, a.backend_start as since
    from pg_locks l left join pg_stat_activity a on a.pid = l.pid
    where l.locktype = 'advisory' and l.granted and l.objsubid = 1
      and l.database = (select oid from pg_database where datname = current_database())
      and l.objid::bigint = (${lockKey}::bigint & 4294967295) and l.classid::bigint = ((${lockKey}::bigint >> 32) & 4294967295)`)
  return found.rows
}

const batchSize = 1000
/** Milliseconds. docs/protocol.md §7: sealed within 5 s. */
const interval = 2000

/**
 * Seals up to `batchSize` entries and answers how many; `held` while another has the lock.
 * Entries that commit late come later in the chain, never in its middle.
 */
const sealBatch = async (db: Knex, signer: Signer): Promise<number | 'held'> => {
  if (!(await takeSealLock(db))) return 'held'
  const open = await takeWaiting(db, batchSize)
  if (open.length === 0) return 0
  let head = await headToExtend(db, signer)
  const sealed = open.map((entry) => {
    const pos = head.pos + 1
    head = { pos, seal: signer.sign({ kind: 'seal', pos, previous: head.seal, entry }) }
    return { at: entry.timestamp.toISOString(), id: entry.id, ...head }
  })
  await db.raw(`
    insert into audit_seals (at, id, pos, seal)
    select v.at, v.id, v.pos, v.seal from jsonb_to_recordset(?::jsonb) as v(at timestamptz, id text, pos bigint, seal text)`,
  [JSON.stringify(sealed)])
  await writeHead(db, signer, head)
  return sealed.length
}

export interface Sealer {
  /** Seals all there is to seal. */
  run(): Promise<void>
  /** Set while sealing does not keep up, as this node has seen it last. */
  behind(): Behind | undefined
  stop(): Promise<void>
}

/** Seals every two seconds, whichever node gets the lock. A flood of refusals is what the log is for: it keeps no entry from its seal. */
export const startSealer = (runtime: Pick<Runtime, 'run'>, signer: Signer, log: Log): Sealer => {
  const run: Runtime['run'] = (task) => runtime.run(task, { reserved: true })
  let late: Behind | undefined

  /** Only when nothing could be sealed: another node may have done it, or no one can. */
  const look = async (isKeepingUp: boolean): Promise<void> => {
    const found = isKeepingUp ? undefined : await run(async ({ db }) => {
      const behind = await readBehind(db)
      return behind && { behind, holders: await holdersOfSealLock(db) }
    })
    if (found && !late) {
      log.error({ ...found.behind, holders: found.holders },
        `audit entries have waited for their seal for more than ${lateAfter} s; the holder of the lock keeps all nodes from sealing`)
    }
    if (!found && late) log.info({}, 'audit entries are sealed again')
    late = found?.behind
  }

  const sealing = coalesce({
    interval,
    async task() {
      let sealed: number | 'held' | undefined
      try {
        sealed = await run(({ db }) => sealBatch(db, signer))
        return sealed === batchSize
      } finally {
        await look(typeof sealed === 'number')
          .catch((error: unknown) => log.warn({ err: error }, 'could not find out whether audit entries wait for their seal'))
      }
    },
    onTrouble(error, again) {
      if (!again) log.error({ err: error }, 'audit entries could not be sealed; it is tried again')
    },
  })
  return {
    run: () => sealing.run(),
    behind: () => late,
    // What this node wrote last is sealed before it goes, if the database lets it; what is left, another node or the next start seals.
    stop: () => sealing.stop('last'),
  }
}
