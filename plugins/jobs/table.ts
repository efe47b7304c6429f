// The statements of the queue. All times are the database's: nodes' clocks may differ.
import type { Knex } from 'knex'
import type { Payload } from '#sovrane'

interface NewJob {
  readonly name: string
  readonly id: string
  readonly payload: Payload
  readonly delaySeconds: number
}

/** A job that this node has claimed. `attempt` counts claims from 1: what a former holder writes is known by it, and left out. */
export interface ClaimedJob {
  readonly name: string
  readonly id: string
  readonly payload: Payload
  readonly attempt: number
}

export interface Schedule {
  readonly name: string
  readonly seconds: number
}

const rowsOf = (result: unknown): unknown[] => (result as { rows: unknown[] }).rows

/** Only a job that was given up is replaced: one that waits or runs stays as it is. */
export const insertJob = async (db: Knex, { name, id, payload, delaySeconds }: NewJob): Promise<void> => {
  await db.raw(
    `insert into jobs (name, id, payload, run_at) values (?, ?, ?::jsonb, now() + make_interval(secs => ?))
     on conflict (name, id) do update
        set payload = excluded.payload, run_at = excluded.run_at, attempts = 0, failed_at = null, last_error = null
     where jobs.failed_at is not null`,
    [name, id, JSON.stringify(payload), delaySeconds],
  )
}

/** Only one that no one has claimed. */
export const removeJob = async (db: Knex, name: string, id: string): Promise<void> => {
  await db('jobs').where({ name, id, attempts: 0 }).delete()
}

/** Claims due jobs of these names for `lease` seconds, oldest first. Locks no one out: what another claims is passed over. */
export const claimJobs = async (
  db: Knex, names: readonly string[],
  { limit, lease }: { limit: number; lease: number },
): Promise<ClaimedJob[]> => {
  const result: unknown = await db.raw(
    `with due as materialized (
       select name, id from jobs
       where name = any(?::text[]) and failed_at is null and run_at <= now() and (locked_until is null or locked_until <= now())
       order by run_at limit ? for update skip locked)
     update jobs set attempts = attempts + 1, locked_until = now() + make_interval(secs => ?)
     from due where jobs.name = due.name and jobs.id = due.id
     returning jobs.name, jobs.id, jobs.payload, jobs.attempts as attempt`,
    [[...names], limit, lease],
  )
  return rowsOf(result) as ClaimedJob[]
}

const heldBy = (db: Knex, { name, id, attempt }: ClaimedJob) => db('jobs').where({ name, id, attempts: attempt }).whereNull('failed_at')

/** Prolongs a claim; false when another has taken the job over. */
export const renewLease = async (db: Knex, job: ClaimedJob, lease: number): Promise<boolean> =>
  (await heldBy(db, job).update({ locked_until: db.raw('now() + make_interval(secs => ?)', [lease]) })) > 0

export const deleteJob = async (db: Knex, job: ClaimedJob): Promise<void> => void (await heldBy(db, job).delete())

/** Lets a job run again after so many seconds. */
export const postponeJob = async (db: Knex, job: ClaimedJob, { seconds, error }: { seconds: number; error: string }): Promise<void> => {
  await heldBy(db, job).update({ locked_until: null, run_at: db.raw('now() + make_interval(secs => ?)', [seconds]), last_error: error })
}

/** Keeps a job as failed: it is no longer run. */
export const giveUpJob = async (db: Knex, job: ClaimedJob, error: string): Promise<void> => {
  await heldBy(db, job).update({ locked_until: null, failed_at: db.fn.now(), last_error: error })
}

/** Whether a job of these names is due or under way, on whichever node. */
export const hasDueJobs = async (db: Knex, names: readonly string[]): Promise<boolean> => {
  const row: unknown = await db('jobs').whereIn('name', [...names]).whereNull('failed_at').where('run_at', '<=', db.fn.now()).first('id')
  return row !== undefined
}

interface FailedJob {
  readonly id: string
  readonly name: string
  readonly attempts: number
  readonly failed_at: Date
  /** Without any text of the payload. */
  readonly last_error: string | null
}

/** The jobs that were given up, the newest first; at most 1,000. */
export const failedJobs = (db: Knex): Promise<FailedJob[]> =>
  Promise.resolve(
    db('jobs')
      .whereNotNull('failed_at')
      .orderBy('failed_at', 'desc')
      .limit(1000)
      .select('id', 'name', 'attempts', 'failed_at', 'last_error'),
  )

/** Lets a job that was given up run again; answers how many there are. */
export const reviveJob = async (db: Knex, id: string): Promise<number> =>
  db('jobs')
    .where({ id })
    .whereNotNull('failed_at')
    .update({ failed_at: null, attempts: 0, last_error: null, locked_until: null, run_at: db.fn.now() })

export const trimFailed = async (db: Knex, days: number): Promise<void> => {
  await db('jobs').where('failed_at', '<', db.raw('now() - make_interval(days => ?)', [days])).delete()
}

/** Makes the rows of new schedules, due at once. A shortened period counts from now on. */
export const keepSchedules = async (db: Knex, schedules: readonly Schedule[]): Promise<void> => {
  // Nodes that start together must not lock each other's rows crosswise.
  for (const { name, seconds } of schedules.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    await db.raw(
      `insert into job_schedules (name, next_run) values (?, now())
       on conflict (name) do update set next_run = excluded.next_run + make_interval(secs => ?)
       where job_schedules.next_run > excluded.next_run + make_interval(secs => ?)`,
      [name, seconds, seconds],
    )
  }
}

/** Turns due schedules into jobs: moved on and queued in one transaction, each has one job per period and cluster. */
export const queueSchedules = async (db: Knex, schedules: readonly Schedule[]): Promise<void> => {
  const result: unknown = await db.raw(
    'select name from job_schedules where name = any(?::text[]) and next_run <= now() order by name for update skip locked',
    [schedules.map(({ name }) => name)],
  )
  for (const { name } of rowsOf(result) as { name: string }[]) {
    const seconds = schedules.find((schedule) => schedule.name === name)?.seconds ?? 0
    await db('job_schedules').where({ name }).update({ next_run: db.raw('now() + make_interval(secs => ?)', [seconds]) })
    // One id: a run that is still under way is not doubled.
    await insertJob(db, { name, id: 'schedule', payload: {}, delaySeconds: 0 })
  }
}

export const jobStates = ['waiting', 'running', 'failed'] as const
export type JobState = (typeof jobStates)[number]

export interface ListedJob {
  readonly name: string
  readonly id: string
  readonly state: JobState
  readonly attempts: number
  readonly createdAt: string
  readonly nextTry: string | null
  readonly failedAt: string | null
  readonly error: string | null
}

const stateSql = `case when failed_at is not null then 'failed' when locked_until > now() then 'running' else 'waiting' end`

interface JobRow {
  readonly name: string
  readonly id: string
  readonly state: JobState
  readonly attempts: number
  readonly created_at: Date
  readonly run_at: Date
  readonly failed_at: Date | null
  readonly last_error: string | null
}

const toListed = (
  { name, id, state, attempts, created_at: created, run_at: run, failed_at: failed, last_error: error }: JobRow,
): ListedJob => ({
  name, id, state, attempts, createdAt: created.toISOString(), nextTry: state === 'waiting' ? run.toISOString() : null,
  failedAt: failed?.toISOString() ?? null, error,
})

/** A page of the queue: what was given up first, the newest of it; then what is tried next. */
export const jobPage = async (
  db: Knex, { name, state }: { readonly name?: string | undefined; readonly state?: JobState | undefined },
  { limit, offset }: { readonly limit: number; readonly offset: number },
): Promise<{ readonly items: ListedJob[]; readonly total: number }> => {
  const wanted = () => {
    const query = db('jobs')
    if (name !== undefined) void query.where({ name })
    if (state !== undefined) void query.whereRaw(`${stateSql} = ?`, [state])
    return query
  }
  const counted: { total: number | string }[] = await wanted().count({ total: '*' })
  const rows = (await wanted().orderByRaw('failed_at desc nulls last, run_at, name, id').limit(limit).offset(offset)
    .select('name', 'id', 'attempts', 'created_at', 'run_at', 'failed_at', 'last_error', db.raw(`${stateSql} as state`))) as JobRow[]
  return { items: rows.map(toListed), total: Number(counted[0]?.total ?? 0) }
}

interface Place {
  readonly name: string
  readonly id: string
}

const idle = (db: Knex, { name, id }: Place) =>
  db('jobs').where({ name, id }).where((free) => void free.whereNull('locked_until').orWhereRaw('locked_until <= now()'))

/** Makes a job due that no one runs; one that was given up has all its tries before it again. False: there is none. */
export const retryJob = async (db: Knex, place: Place): Promise<boolean> =>
  (await idle(db, place).update({
    // A node that was taken for dead is told from the next one by its count.
    attempts: db.raw('case when failed_at is null then attempts else 0 end'),
    failed_at: null, last_error: null, locked_until: null, run_at: db.fn.now(),
  })) > 0

/** False: there is none, or it runs. */
export const dropJob = async (db: Knex, place: Place): Promise<boolean> => (await idle(db, place).delete()) > 0
