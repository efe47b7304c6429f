// A resource that the engine has never seen: a room of a site, with every kind of field and relation that a definition can have.
import { array, boolean, date, number, object, string } from 'yup'
import { dateTime, defineResource, id, json, label, many, one } from '#sovrane'

export const room = defineResource({
  name: 'room',
  schema: object({
    label: label(80).required(),
    number: string().matches(/^[A-Z]{1,3}-\d{1,6}$/, 'must be like A-101').required(),
    capacity: number().integer().min(1).max(500).required(),
    height: number().min(1.5).max(20).nullable().default(null),
    accessible: boolean().default(false),
    kind: string().oneOf(['office', 'meeting', 'storage'] as const).default('office'),
    equipment: array().of(string().min(1).max(40).required()).max(10).default([]),
    layout: json(1024).nullable().default(null),
    opensOn: string().matches(/^\d{4}-\d{2}-\d{2}$/, 'must be a day such as 2026-03-01').nullable().default(null),
    openedAt: dateTime().nullable().default(null),
    inspectedAt: date().nullable().default(null),
    siteId: id().nullable().default(null),
    mainRoomId: id().nullable().default(null),
  }),
  readOnly: ['inspectedAt'],
  fixed: ['number'],
  unique: ['number'],
  relations: {
    site: one('site', { via: 'siteId', scope: true, events: true }),
    mainRoom: one('room', { via: 'mainRoomId', acyclic: true, events: true }),
    annexes: many('room', { inverse: 'mainRoom', item: 'annex', cap: 10 }),
    keepers: many('user', { through: { table: 'room_keepers' }, item: 'keeper', permission: 'manage-room-keepers', field: true, cap: 5 }),
  },
  list: {
    search: ['label', 'number'],
    filter: [
      'label', 'number', 'capacity', 'height', 'accessible', 'kind', 'opensOn', 'openedAt', 'inspectedAt', 'siteId', 'mainRoomId',
      'createdAt',
    ],
    sort: ['label', 'number', 'capacity', 'height', 'accessible', 'opensOn', 'openedAt', 'inspectedAt', 'createdAt', 'updatedAt'],
  },
})
