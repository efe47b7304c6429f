// The password of a user: what may be one, and the hooks that store it outside the user's row.
import type { Knex } from 'knex'
import { invalidPayload, type Call, type TargetedHook } from '../../core/define/index.ts'
import type { Hashing } from './hashing.ts'
import { endSessions } from './sessions.ts'

/** bcrypt ignores what comes after: two passwords could be one. */
const mostBytes = 72
const fewest = 8

/** Characters as people count them, near enough: code points. */
export const characters = (text: string): number => Array.from(text).length

/** What is wrong with a password; undefined when nothing is. */
export const passwordFault = (password: string): string | undefined => {
  if (characters(password) < fewest) return `must be at least ${fewest} characters long`
  if (Buffer.byteLength(password) > mostBytes) return `must be at most ${mostBytes} bytes long`
  return password.trim() === '' ? 'must not be only white space' : undefined
}

export const storePassword = async (db: Knex, userId: string, hash: string): Promise<void> => {
  await db('credentials').insert({ user_id: userId, password_hash: hash, password_changed_at: db.fn.now() })
    .onConflict('user_id').merge(['password_hash', 'password_changed_at'])
}

const hashNote = 'auth.password-hash'

/** Hashing takes some 50 ms: it is done before the transaction begins, so that none is held open for it. */
const hashFirst = (hashing: Hashing) => async (call: Call, next: () => Promise<Readonly<Record<string, unknown>>>) => {
  const { password } = call.input
  if (typeof password === 'string' && (call.actor || call.system)) {
    const message = passwordFault(password)
    if (message !== undefined) throw invalidPayload([{ path: 'password', message }])
    call.notes.set(hashNote, await hashing.hash(password))
  }
  return next()
}

const store = async (call: Call, output: Readonly<Record<string, unknown>>): Promise<void> => {
  const hash = call.notes.get(hashNote)
  if (typeof hash !== 'string') return
  const userId = String(output['id'])
  await storePassword(call.db, userId, hash)
  const isOwn = call.actor?.id === userId
  if (call.kind === 'mutation' && call.before) await endSessions(call.db, userId, 'password_changed', isOwn ? call.connection.principal?.sessionId : undefined)
}

/** The hooks by which `password` in user-create and user-update becomes a stored hash. */
export const passwordHooks = (hashing: Hashing): TargetedHook[] =>
  ['user-create', 'user-update'].map((on) => ({ on, around: hashFirst(hashing), after: store }))
