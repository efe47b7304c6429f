// The audit log: who did what, when and from where; written with the change itself, sealed, kept as long as the setting says.
//
// It stands first in the app's list of plugins: its `around` must see what those of others refuse.
import { definePlugin, type Call, type Runtime } from '#sovrane'
import { every, jobs } from '../jobs/index.ts'
import { configOperations } from './configuration.ts'
import { createWriter, createSigner, originOf, type Entry, type Head } from './entry.ts'
import { activityRequest } from './activity.ts'
import { logRequest, type Period } from './log.ts'
import { createHooks } from './record.ts'
import { createRefusalWriter } from './refusals.ts'
import { dropOld, ensurePartitions, retentionDays } from './retention.ts'
import { readHead, startSealer, type Sealer } from './seals.ts'
import { verify, verifyOperation, type Verdict } from './verify.ts'
import type { Behind } from './waiting.ts'

const secondsPerDay = 86_400

/** Categories beside the owners of operations: what the system does, and alerts. */
const ownCategories = ['core', 'alerts']

export interface Audit {
  /** Writes an entry of a plugin's own in the call's transaction, whatever `audit-config` leaves out. */
  append(call: Pick<Call, 'db'>, entry: Omit<Entry, 'id'>): Promise<void>
  /** Seals what waits for it, now. */
  seal(): Promise<void>
  verify(call: Pick<Call, 'db'>, period?: Period): Promise<Verdict>
  /** Set while entries wait for their seal for more than 30 s. */
  behind(): Behind | undefined
  /** The head of the chain: with it, kept elsewhere, a cut-off end is found. */
  head(call: Pick<Call, 'db'>): Promise<Head | undefined>
  /** Drops the months that are older than the setting says; answers their partitions' names. */
  retain(): Promise<string[]>
}

export const audit = definePlugin({
  name: 'audit',
  requires: { jobs },
  migrations: new URL('migrations/', import.meta.url),
  commands: { audit: { about: 'verifies, exports and trims the audit log', load: () => import('./command.ts') } },
  setup({ secret, log, settings, declaredSettings }) {
    const signer = createSigner(secret('AUDIT_KEY'))
    const writer = createWriter(signer, (key) => declaredSettings.get(key)?.schema.meta()?.['secret'] === true)
    const parts: { sealer?: Sealer; runtime?: Runtime } = {}
    const running = (): Runtime => {
      if (!parts.runtime) throw new Error('The audit log has not started')
      return parts.runtime
    }
    const retain = async (): Promise<string[]> => {
      const runtime = running()
      await runtime.run(({ db }) => ensurePartitions(db))
      return dropOld((task) => runtime.run(task), signer, {
        days: settings.get(retentionDays),
        log,
        onBroken: ({ name }, { id, reason }) => runtime.run((call) => writer.append(call.db, [{
          ...originOf(call), action: 'audit.integrity', level: 'critical', category: 'audit', targetType: 'audit-entry', targetId: id,
          details: { month: name.slice(-6), reason }, always: true,
        }])),
      })
    }
    const services: Audit = {
      append: (call, entry) => writer.append(call.db, [{ ...entry, always: true }]),
      seal: async () => parts.sealer?.run(),
      behind: () => parts.sealer?.behind(),
      verify: (call, period) => verify(call.db, signer, period),
      async head(call) {
        const head = await readHead(call.db, signer)
        return typeof head === 'object' ? head : undefined
      },
      retain,
    }
    return {
      services,
      provides: [every('audit.months', secondsPerDay, async () => void (await retain()))],
      settings: [retentionDays],
      permissions: ['view_audit_logs', 'read-audit-config', 'write-audit-config'],
      operations: [
        logRequest, activityRequest, verifyOperation(signer),
        ...configOperations(() => new Set([...ownCategories, ...running().operations.map(({ owner }) => owner)])),
      ],
      broadcasts: { 'audit-config': {} },
      hooks: createHooks(writer, createRefusalWriter({ append: writer.append, log })),
      async start(runtime) {
        parts.runtime = runtime
        await runtime.run(({ db }) => ensurePartitions(db))
        parts.sealer = startSealer(runtime, signer, log)
      },
      stop: async () => parts.sealer?.stop(),
    }
  },
})
