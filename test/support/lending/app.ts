// The app of app.ts as somebody's own: three resources and a plugin of a business more, with all that ordinary definitions have.
import { app } from '../../../app.ts'
import { defineApp } from '#sovrane'
import { asset } from './asset.ts'
import { category } from './category.ts'
import { lending } from './lending.ts'
import { loan } from './loan.ts'

const listed = defineApp({
  ...app,
  resources: [...app.resources, category, asset, loan],
  plugins: [...app.plugins, lending],
  migrations: new URL('../../../resources/migrations/', import.meta.url),
})

// In a real app the migration would lie among the others.
export const lendingApp = {
  ...listed, migrations: [...listed.migrations, { owner: 'lending', directory: new URL('migrations/', import.meta.url) }],
}
