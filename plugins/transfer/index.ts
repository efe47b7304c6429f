// The transfer plugin: rows come in from files and go out to them, by `sovrane import` and `sovrane export`. It keeps the names that rows
// have elsewhere, so that a file can be imported again.
import { definePlugin } from '#sovrane'
import { keepNames, namesOf, rowsNamed } from './names.ts'

export const transfer = definePlugin({
  name: 'transfer',
  migrations: new URL('migrations/', import.meta.url),
  commands: {
    import: {
      about: 'brings rows in from a file',
      load: async () => ({ program: (await import('./program.ts')).importProgram }),
    },
    export: {
      about: 'writes rows to a file, as an import takes them',
      load: async () => ({ program: (await import('./program.ts')).exportProgram }),
    },
  },
  /** External ids, for plugins that bring rows in by other ways, such as from a directory of people. */
  setup: () => ({ services: { rowsNamed, namesOf, keepNames } }),
})
