// The app of app.ts with notes, some of whose fields are for their author alone, and folders whose keepers read what lies in them.
import { number, object, string } from 'yup'
import { app } from '../../../app.ts'
import { defineApp, defineResource, id, label, many, one } from '#sovrane'

const secret = ['salary', 'pin', 'siteId', 'createdAt'] as const

const note = defineResource({
  name: 'note',
  schema: object({
    label: label(100).required(),
    salary: number().integer().nullable().default(null),
    pin: string().max(50).nullable().default(null),
    siteId: id().nullable().default(null),
  }),
  relations: { site: one('site', { via: 'siteId' }) },
  list: {
    search: ['label', 'pin'], filter: ['label', 'salary', 'pin', 'siteId', 'createdAt'],
    sort: ['label', 'salary', 'pin', 'createdAt'],
  },
  permissions({ allow, deny }, actor) {
    for (const action of ['list', 'get'] as const) {
      deny(action, {}, secret)
      allow(action, { createdBy: actor.id }, secret)
    }
  },
})

const folder = defineResource({
  name: 'folder',
  schema: object({ label: label(100).required() }),
  relations: {
    notes: many('note', { through: { table: 'folder_notes' }, item: 'note', cap: 10 }),
    keepers: many('user', { through: { table: 'folder_keepers' }, item: 'keeper', holds: { keys: ['read-folder'], reads: ['notes'] } }),
  },
})

/** Its table takes less than its schema does. */
const ticket = defineResource({
  name: 'ticket',
  schema: object({
    label: label(100).required(),
    dueOn: string().matches(/^\d{4}-\d{2}-\d{2}$/, 'must be a day').nullable().default(null),
    seats: number().integer().nullable().default(null),
    price: number().nullable().default(null),
    code: string().max(50).nullable().default(null),
    kind: string().nullable().default(null),
  }),
  list: {
    search: ['label', 'dueOn'], filter: ['label', 'dueOn', 'seats', 'price', 'code', 'kind'],
    sort: ['label', 'dueOn', 'seats', 'kind'],
  },
})

const listed = defineApp({
  ...app, resources: [...app.resources, note, folder, ticket],
  migrations: new URL('../../../resources/migrations/', import.meta.url),
})

export const notesApp = {
  ...listed,
  migrations: [...listed.migrations, { owner: 'notes', directory: new URL('migrations/', import.meta.url) }],
}
