// A vehicle of a depot, and who drives it: mainly, or now and then.
import { boolean, number, object, string } from 'yup'
import { conflict, defineResource, id, label, many, one, operation, rowOf } from 'sovrane'

/** Takes a vehicle off the road or puts it back, for those who may do that and nothing else. */
const park = operation({
  about: 'Parks a vehicle for repair, or says that it is ready.',
  kind: 'mutation',
  access: 'session',
  row: { key: 'park-vehicle' },
  input: object({ id: id().required(), ready: boolean().required() }),
  output: rowOf('vehicle'),
  handle: (call) => {
    const state = call.input.ready ? 'ready' : 'repair'
    if (call.before?.['state'] === state) throw conflict({ state })
    return call.call('vehicle-update', { id: call.input.id, state }, { as: 'system' })
  },
})

export const vehicle = defineResource({
  name: 'vehicle',
  schema: object({
    label: label(80).required(),
    plate: string().matches(/^[A-Z]{2}-\d{1,6}$/).required(),
    seats: number().integer().min(1).max(100).default(5),
    state: string().oneOf(['ready', 'repair'] as const).default('ready'),
    depotId: id().nullable().default(null),
  }),
  unique: ['plate'],
  relations: {
    depot: one('depot', { via: 'depotId', scope: true }),
    drivers: many('user', {
      through: { table: 'vehicle_drivers', columns: object({ main: boolean().default(false) }) }, item: 'driver', cap: 20,
    }),
  },
  operations: { park },
  list: {
    search: ['label', 'plate'], filter: ['label', 'plate', 'seats', 'state', 'depotId'], sort: ['label', 'plate', 'seats', 'createdAt'],
  },
  examples: { plate: (n) => `AB-${n}` },
})
