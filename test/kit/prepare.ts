// Makes the databases that tests copy, before several processes want them at once. A program for .ci.
import { ready, testDatabaseUrl } from './ready.ts'

await Promise.all([ready.make('embedded'), testDatabaseUrl === '' ? undefined : ready.make('postgres')])
