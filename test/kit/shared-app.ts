// One server of an app and database for all suites of a run that can share it.
import { startApp, type AnyApp, type RunningApp } from './server.ts'
import type { Kind } from './databases.ts'

const shared = new Map<AnyApp, Map<Kind, Promise<RunningApp>>>()

/**
 * A server of the app that all suites of a run share: they make rows of their own, and no schedule changes them meanwhile. It stops when
 * all tests have run.
 */
export const sharedApp = (app: AnyApp, kind: Kind): Promise<RunningApp> => {
  const known = shared.get(app) ?? new Map<Kind, Promise<RunningApp>>()
  shared.set(app, known)
  const running = known.get(kind) ?? startApp(app, kind, { JOB_SCHEDULES: 'none' })
  known.set(kind, running)
  return running
}

after(async function () {
  this.timeout(120_000)
  const all = [...shared.values()].flatMap((known) => [...known.values()])
  shared.clear()
  for (const running of await Promise.allSettled(all)) if (running.status === 'fulfilled') await running.value.stop()
})
