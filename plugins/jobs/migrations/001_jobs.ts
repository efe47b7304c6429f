// The queue and the schedules. No resource: nobody is told of their changes.
// Times are whole microseconds: rounded to milliseconds, what is due now could be due in a moment only, and be passed over.
import type { Knex } from 'knex'

export const up = async (knex: Knex): Promise<void> => {
  await knex.schema.createTable('jobs', (table) => {
    table.text('name').notNullable()
    table.text('id').notNullable()
    table.jsonb('payload').notNullable()
    table.specificType('run_at', 'timestamptz').notNullable()
    // Times that a node has claimed it.
    table.integer('attempts').notNullable().defaultTo(0)
    // Until then it belongs to the node that runs it.
    table.specificType('locked_until', 'timestamptz')
    // Set once it was given up.
    table.specificType('failed_at', 'timestamptz')
    table.text('last_error')
    table.specificType('created_at', 'timestamptz').notNullable().defaultTo(knex.fn.now())
    table.primary(['name', 'id'])
  })
  await knex.raw('create index jobs_due on jobs (run_at) where failed_at is null')
  await knex.schema.createTable('job_schedules', (table) => {
    table.text('name').primary()
    table.specificType('next_run', 'timestamptz').notNullable()
  })
}

export const down = async (knex: Knex): Promise<void> => {
  for (const table of ['job_schedules', 'jobs']) await knex.schema.dropTable(table)
}
