// Defects of vehicles: anyone who may read a vehicle reports one; a job then writes to those who drive it. And the team's page.
import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { object, string } from 'yup'
import { callsOf, definePlugin, id, operation, type Call, type WebFile } from 'sovrane'
import { job, jobs, type Jobs } from 'sovrane/plugins/jobs'
import { mail, mailTemplate, template } from 'sovrane/plugins/mail'
import { user } from 'sovrane/resources'
import { vehicle } from '../../resources/vehicle.ts'

const fleet = callsOf({ resources: [vehicle, user] })

const defectMail = template<{ readonly label: string; readonly text: string }>('defects.reported', {
  en: { subject: ({ label }) => `A defect of ${label}`, text: ({ label, text }) => `This was reported of ${label}:\n\n${text}` },
  fr: { subject: ({ label }) => `Un défaut de ${label}`, text: ({ label, text }) => `On signale au sujet de ${label} :\n\n${text}` },
})

const report = (queue: Jobs) => operation({
  event: 'defect-report',
  about: 'Reports a defect of a vehicle, and tells those who drive it.',
  kind: 'mutation',
  access: 'session',
  input: object({ vehicleId: id().required(), text: string().max(500).required() }),
  output: object({ id: string().required() }),
  async handle(call) {
    const { vehicleId, text } = call.input
    // Who may not read it learns no more than that.
    await fleet(call, 'vehicle-get', { id: vehicleId }, { as: 'actor' })
    const defect = { id: randomUUID(), vehicle_id: vehicleId, text }
    await call.db('defects').insert(defect)
    await queue.enqueue(call, 'defects.tell', { id: defect.id })
    return { id: defect.id }
  },
})

const forget = async ({ before, db }: Call): Promise<void> => {
  if (before) await db('defects').where({ vehicle_id: before.id }).delete()
}

const file = (path: string, type: string, source: string): WebFile => ({
  path, type, content: () => readFile(new URL(`../../web/${source}`, import.meta.url)),
})

export const defects = definePlugin({
  name: 'defects',
  requires: { jobs, mail },
  migrations: new URL('migrations/', import.meta.url),
  setup: ({ use }) => ({
    operations: [report(use.jobs)],
    hooks: [{ on: 'vehicle-delete', after: forget }],
    provides: [
      mailTemplate.of(defectMail),
      job('defects.tell', async ({ id: defectId }, { run }) => run(async (call) => {
        const [defect] = await call.db('defects').where({ id: String(defectId) })
        if (!defect) return
        const { label, drivers } = await fleet(
          call, 'vehicle-get', { id: String(defect['vehicle_id']), include: ['drivers'] }, { as: 'system' },
        )
        for (const { email, locale } of drivers) {
          await use.mail.queue(call, { to: email, locale, template: defectMail, values: { label, text: String(defect['text']) } })
        }
      })),
    ],
    files: [
      file('/fleet', 'text/html; charset=utf-8', 'page.html'),
      file('/fleet/page.js', 'text/javascript; charset=utf-8', 'built/page.js'),
    ],
    pages: { Fleet: '/fleet' },
  }),
})
