// `sovrane/testing`: what a project tests its app with. It runs by mocha and by node:test.
export { contractSuite, type ContractOptions } from './contract/own.ts'
export type { Change, Listener } from './contract/listener.ts'
export type { People } from './contract/people.ts'
export type { Door, Person as Asking, Reply } from './contract/transport.ts'
export { chosen as chosenDatabases, onAnyDatabase, onEachDatabase, onEmbedded, onPostgres } from './databases.ts'
export { open as openSocket, refusedBy, type Client, type ClientOptions, type Heard } from './client.ts'
export { rightsOracle, type RightsOptions } from './oracle/own.ts'
export { post, send, type HttpReply, type HttpRequest } from './http.ts'
export { administrator, type Kind } from './ready.ts'
export { password } from './passwords.ts'
export { ids, refusal, row, rows, success, text, type Row, type WireError } from './replies.ts'
export { compiled, type AnyApp, type Environment, type Line, type Recorded } from './server.ts'
export {
  claimsOf, openServer, TestServer, unique, type Grant, type Mail, type Person, type ServerOptions, type Session, type Wanted,
} from './test-server.ts'
export { barrier, eventually, parallel, together } from './wait.ts'
