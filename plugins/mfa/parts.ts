// What the operations of the plugin are made of.
import type { Knex } from 'knex'
import type { Call, Payload, Principal, Settings } from '../../core/define/index.ts'
import type { Account } from '../auth/index.ts'
import type { Sealing } from './sealing.ts'

export interface Addressee {
  readonly email: string
  readonly locale: string | null
}

export interface MfaParts {
  readonly settings: Settings
  readonly sealing: Sealing
  readonly keys: readonly Buffer[]
  readonly mailCode: (call: Call, to: Addressee, code: string) => Promise<void>
  readonly sessionOf: (call: Pick<Call, 'connection'>) => Principal
  /** The session of a call whose password was proved lately. @throws AppError unauthenticated */
  readonly requireFresh: (call: Pick<Call, 'db' | 'connection'>) => Promise<Principal>
  readonly accountOf: (db: Knex, userId: string) => Promise<Account | undefined>
  /** Holds an account until the transaction ends: always before its factor is touched. */
  readonly lockAccount: (db: Knex, userId: string, strength: 'share' | 'change') => Promise<void>
  readonly complete: (call: Call, account: Account, options: { readonly factorPassed: boolean }) => Promise<Payload>
  readonly endSessions: (db: Knex, userId: string, reason: string, except?: string) => Promise<void>
}
