// The variables that core itself reads. Source: docs/protocol.md §8 and §9.
import { number, object, string } from 'yup'
import { httpUrl } from '../define/fields.ts'
import { trustFault } from '../transport/address.ts'
import { originFault } from '../transport/origin.ts'
import { variable, type Environment } from './environment.ts'
import { databaseUrlFault, formed, hostFault } from './forms.ts'

const wholeFrom = (min: number, max: number) => number().integer().min(min).max(max)

const levels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

/** The level of a log that is made before the environment is checked: a wrong LOG_LEVEL is told by the start. */
export const logLevel = (environment: Environment, usual: (typeof levels)[number]): string =>
  levels.find((level) => level === variable(environment, 'LOG_LEVEL').text) ?? usual

export const variables = object({
  PORT: wholeFrom(0, 65_535).default(3000),
  HOST: formed(hostFault).default('127.0.0.1'),
  DATABASE_URL: formed(databaseUrlFault),
  DATA_DIR: string().default('./data'),
  /** What is done when the database lacks what a definition needs; unset: `refuse` on PostgreSQL, `warn` on the embedded database. */
  DRIFT: string().oneOf(['warn', 'refuse'] as const),
  /** Connections to PostgreSQL. */
  DATABASE_POOL_SIZE: wholeFrom(2, 1000).default(10),
  /** Milliseconds after which PostgreSQL ends a statement. */
  DATABASE_STATEMENT_TIMEOUT: wholeFrom(100, 600_000).default(5000),
  /** Milliseconds that a request waits for a connection, and how many may wait. */
  DATABASE_ACQUIRE_TIMEOUT: wholeFrom(100, 600_000).default(1000),
  DATABASE_QUEUE_SIZE: wholeFrom(1, 1_000_000).default(500),
  /** Where people reach this server: its own origin. */
  PUBLIC_URL: httpUrl().test('bare', 'must have no query and no fragment', (value) => value === undefined || !/[?#]/.test(value)),
  CORS_ORIGIN: formed(originFault).default(''),
  TRUST_PROXY: formed(trustFault).default(''),
  LOG_LEVEL: string().oneOf(levels).default('info'),
  /** `pretty` to be read by people, `json` by machines; `auto`: pretty on a terminal. */
  LOG_FORMAT: string().oneOf(['auto', 'json', 'pretty'] as const).default('auto'),
  /** Bytes of one message. */
  MESSAGE_SIZE: wholeFrom(1024, 16_777_216).default(65_536),
  /** Seconds that a connection stays open between two HTTP requests. */
  HTTP_KEEP_ALIVE: wholeFrom(1, 3600).default(75),
  /** Seconds in which the headers of an HTTP request must have come, and all of it. */
  HTTP_HEADERS_TIMEOUT: wholeFrom(1, 3600).default(15),
  HTTP_REQUEST_TIMEOUT: wholeFrom(1, 3600).default(30),
  /** Connections of clients at once, WebSockets among them. */
  HTTP_MAX_CONNECTIONS: wholeFrom(1, 1_000_000).default(50_000),
  /** Requests of one socket's connection that may be under way at once. */
  SOCKET_MAX_REQUESTS: wholeFrom(1, 1_000_000).default(500),
  /** Bytes that are kept for a client that does not read. */
  SOCKET_MAX_UNSENT: wholeFrom(1024, 1_073_741_824).default(1_048_576),
  /** Seconds in which a connection must join a namespace. */
  SOCKET_JOIN_TIMEOUT: wholeFrom(1, 3600).default(10),
  /** Seconds without a request after which a connection that has only `/auth` is closed. */
  SOCKET_IDLE_TIMEOUT: wholeFrom(1, 86_400).default(600),
  /** Requests a second of one socket; a user may make three, an address ten times as many. 0 turns every rate limit off. */
  RATE_LIMIT_EVENTS: wholeFrom(0, 100_000).default(50),
  /** Rows that a node keeps in memory; 0: none. */
  CACHE_ROWS: wholeFrom(0, 1_000_000).default(20_000),
  /** `public`: everyone may read the metrics; unset: this machine. */
  METRICS: string().oneOf(['public'] as const),
  /** A port of their own; unset: the server's. */
  METRICS_PORT: wholeFrom(0, 65_535),
  /** Where a collector of OpenTelemetry takes traces; unset: there are none. */
  OTEL_EXPORTER_OTLP_ENDPOINT: httpUrl(),
  /** What this server is called in traces. */
  OTEL_SERVICE_NAME: string().default('sovrane'),
  /** Hours that the feed keeps its entries. */
  FEED_RETENTION: wholeFrom(1, 8760).default(72),
  /** Seconds between `feed-head` events. */
  FEED_HEAD_INTERVAL: wholeFrom(1, 3600).default(15),
})
