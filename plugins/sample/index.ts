// The sample plugin: an empty embedded database gets a small organisation, so that there is something to look at.
import { object, string } from 'yup'
import { definePlugin, type Runtime } from '#sovrane'
import { plantSmall } from './small.ts'

const environment = object({
  /** `none` leaves the database as empty as it is. */
  SEED: string().oneOf(['sample', 'none'] as const).default('sample'),
})

const start = async (runtime: Runtime): Promise<void> => {
  try {
    const planted = await runtime.run(plantSmall)
    if (planted)
      runtime.print(
        `Sample organisation: ${planted.sites} sites, ${planted.departments} departments, ${planted.people} people (SEED=none: without)`,
      )
  } catch (error) {
    // An app whose resources have moved on starts all the same.
    runtime.log.warn({ err: error }, 'the sample organisation does not fit this app; nothing of it was put in. SEED=none leaves it out')
  }
}

export const sample = definePlugin({
  name: 'sample',
  after: ['auth'],
  environment,
  commands: { seed: { about: 'fills the database with a believable organisation', load: () => import('./command.ts') } },
  setup: ({ environment: { SEED } }) => ({
    // Never on PostgreSQL by itself: that is someone's real database.
    start: (runtime: Runtime) => (SEED === 'none' || runtime.database !== 'embedded' ? Promise.resolve() : start(runtime)),
  }),
})
