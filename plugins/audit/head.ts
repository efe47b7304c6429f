// The head of the chain of seals and the anchors in it, as the database keeps them: signed, so that they cannot be made up.
import type { Knex } from 'knex'
import { genesis, type Anchor, type Head, type Signer } from './signature.ts'

interface StoredHead extends Head {
  readonly mac: string
}

interface StoredAnchor extends Anchor {
  readonly mac: string
}

/** `missing`: there is none, as before the first seal. `forged`: its signature is not ours. */
export const readHead = async (db: Knex, signer: Signer): Promise<Head | 'missing' | 'forged'> => {
  const stored: StoredHead | undefined = await db('audit_head').first('pos', 'seal', 'mac')
  if (!stored) return 'missing'
  const head = { pos: stored.pos, seal: stored.seal }
  return signer.verify({ kind: 'head', head }, stored.mac) ? head : 'forged'
}

export const writeHead = async (db: Knex, signer: Signer, head: Head): Promise<void> => {
  await db('audit_head').insert({ one: true, ...head, mac: signer.sign({ kind: 'head', head }) }).onConflict('one').merge()
}

/**
 * Where the sealer goes on. When the head was lost or forged although entries are sealed, a position is left out:
 * nobody can fill that gap, so `audit-verify` goes on telling of it.
 */
export const headToExtend = async (db: Knex, signer: Signer): Promise<Head> => {
  const head = await readHead(db, signer)
  if (typeof head === 'object') return head
  const last: { rows: Head[] } = await db.raw('select seal_pos as pos, seal from audit_entries where seal_pos is not null order by seal_pos desc limit 1')
  const anchors: { rows: { to: number | null }[] } = await db.raw('select max(to_pos) as "to" from audit_anchors')
  const [found] = last.rows
  const anchored = anchors.rows[0]?.to ?? undefined
  if (head === 'missing' && !found && anchored === undefined) return { pos: 0, seal: genesis }
  return { pos: Math.max(found?.pos ?? 0, anchored ?? 0) + 1, seal: found?.seal ?? genesis }
}

/** The anchors whose signatures are ours, by position. */
export const readAnchors = async (db: Knex, signer: Signer): Promise<Anchor[]> => {
  const rows: StoredAnchor[] = await db('audit_anchors').orderBy('from_pos')
    .select({ from: 'from_pos', to: 'to_pos', before: 'before_seal', seal: 'seal', mac: 'mac' })
  return rows.map(({ mac, ...anchor }) => ({ anchor, mac }))
    .filter(({ anchor, mac }) => signer.verify({ kind: 'anchor', anchor }, mac)).map(({ anchor }) => anchor)
}

export const writeAnchor = async (db: Knex, signer: Signer, anchor: Anchor): Promise<void> => {
  const { from, to, before, seal } = anchor
  await db('audit_anchors').insert({ from_pos: from, to_pos: to, before_seal: before, seal, mac: signer.sign({ kind: 'anchor', anchor }) })
}
