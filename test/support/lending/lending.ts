// What lending needs beside its resources: serial numbers are checked, a setting, and a job that marks what is overdue.
import { number } from 'yup'
import { definePlugin, invalidPayload, setting, type Call } from '#sovrane'
import { every, jobs } from '../../../plugins/jobs/index.ts'

export const graceDays = setting(
  'loan_grace_days', number().integer().min(0).max(30).default(0), 'Days after which a loan that is due counts as overdue.',
)

const checkSerial = ({ input }: Call): void => {
  const { serial } = input
  if (typeof serial === 'string' && !/^SN-\d{6}$/.test(serial))
    throw invalidPayload([{ path: 'serial', message: 'must be like SN-000001' }])
}

export const lending = definePlugin({
  name: 'lending',
  requires: { jobs },
  setup: ({ settings }) => ({
    provides: [every('lending.overdue', 1, ({ run }) => run(async ({ db }) => {
      await db('loans').where({ overdue: false }).whereRaw('due_at < now() - make_interval(days => ?)', [settings.get(graceDays)]).update({
        overdue: true,
      })
    }))],
    settings: [graceDays],
    hooks: [{ on: 'asset-create', before: checkSerial }, { on: 'asset-update', before: checkSerial }],
  }),
})
