// What an administrator sees of the queue, and does about it: list, try again, drop. Payloads are never shown: they may be anyone's secret.
import { number, object, string } from 'yup'
import { dateTime, done, notFound, operation, pageWith } from '#sovrane'
import { dropJob, jobPage, jobStates, retryJob } from './table.ts'

const readKey = 'read-jobs'
const manageKey = 'manage-jobs'

const word = () => string().min(1).max(128)
const theOne = () => object({ name: word().required(), id: word().required() })

const list = operation({
  event: 'job-list-request',
  about: 'Lists the jobs of the queue, those that failed first, without what they hold',
  kind: 'query',
  access: { key: readKey },
  input: object({
    page: number().integer().min(1).max(1_000_000).optional(), limit: number().integer().min(1).max(100).optional(),
    name: word().optional(), state: string().oneOf(jobStates).optional(),
  }),
  output: pageWith(object({
    name: string().required(), id: string().required(), state: string().oneOf(jobStates).required(),
    attempts: number().integer().required(), createdAt: dateTime().required(),
    /** When it is tried next; null: it runs, or was given up. */
    nextTry: dateTime().nullable().defined(),
    failedAt: dateTime().nullable().defined(),
    /** Of the last try, without any text of the payload. */
    error: string().nullable().defined(),
  })),
  async handle({ db, input: { page = 1, limit = 20, ...filter } }) {
    return { ...(await jobPage(db, filter, { limit, offset: (page - 1) * limit })), page, limit }
  },
})

/** `wake`: those that are due are looked for at once. */
const retry = (wake: () => void) => operation({
  event: 'job-retry',
  about: 'Has a job that waits or has failed tried at once',
  errors: ['not_found'],
  kind: 'mutation',
  access: { key: manageKey },
  input: theOne(),
  output: done(),
  async handle(call) {
    if (!(await retryJob(call.db, call.input))) throw notFound()
    call.afterCommit(wake)
    return { success: true }
  },
})

const drop = operation({
  event: 'job-drop',
  about: 'Takes a job out of the queue that does not run; it is not done',
  errors: ['not_found'],
  kind: 'mutation',
  access: { key: manageKey },
  input: theOne(),
  output: done(),
  async handle({ db, input }) {
    if (!(await dropJob(db, input))) throw notFound()
    return { success: true }
  },
})

export const jobOperations = (wake: () => void) => [list, retry(wake), drop]
