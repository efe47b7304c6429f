// Makes the databases that tests copy, before several processes want them at once. A program for .ci.
import { makeReady, testDatabaseUrl } from './ready.ts'

await Promise.all([makeReady('embedded'), testDatabaseUrl === '' ? undefined : makeReady('postgres')])
