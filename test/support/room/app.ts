// The app of app.ts with one resource more.
import { app } from '../../../app.ts'
import { defineApp } from '#sovrane'
import { room } from './room.ts'

const listed = defineApp({
  ...app, resources: [...app.resources, room], migrations: new URL('../../../resources/migrations/', import.meta.url),
})

// In a real app the migration would lie among the others.
export const roomApp = {
  ...listed, migrations: [...listed.migrations, { owner: 'room', directory: new URL('migrations/', import.meta.url) }],
}
