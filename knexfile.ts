// Lets `npx knex migrate:latest | rollback | status | make` work on the server's own database and migrations.

import type { Knex } from 'knex'
import { app } from './app.ts'
import { commandLineConfig } from './core/boot/command-line.ts'

export default (): Promise<Knex.Config> => commandLineConfig(app.migrations)
