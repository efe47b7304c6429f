// The contract suite over the resources of an ordinary app: required relations, a hook that checks a field, a schedule, a setting.
import { onAnyDatabase } from '../kit/databases.ts'
import { longSuite } from '../kit/extent.ts'
import { lendingApp } from '../support/lending/app.ts'
import { contractSuite } from './suite.ts'

onAnyDatabase('contract: an app of somebody\'s own', (kind) => longSuite('plays', () =>
  contractSuite(lendingApp, kind, ({ name }, door) =>
    ['asset', 'category', 'loan'].includes(name) && door === (kind === 'embedded' ? 'http' : 'socket'))))
