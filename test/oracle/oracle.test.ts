// The rights oracle: random organisations and actors against a model of docs/protocol.md §5 that knows nothing of the product.
import { onAnyDatabase } from '../kit/databases.ts'
import { playOracle } from '../../testing/oracle/suite.ts'
import { startServer } from '../wire/support/server.ts'

onAnyDatabase('the rights oracle', (kind) => playOracle(kind, { open: () => startServer(kind) }))
