// A process that takes the job `errand` and never ends it: to be killed in the middle.
import { startServer } from '../../../core/boot/server.ts'
import { job } from '../../../plugins/jobs/index.ts'
import { errandApp } from '../support.ts'

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }

const app = errandApp([job('errand', () => {
  process.stdout.write('held\n')
  return new Promise<void>(() => undefined)
})])
const server = await startServer(app, { environment: process.env, log: silent, print: () => undefined, interactive: false })
process.stdout.write(`${server.url}\n`)
