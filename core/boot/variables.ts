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
  /** Connections to PostgreSQL. */
  DATABASE_POOL_SIZE: wholeFrom(2, 1000).default(10),
  /** Milliseconds after which PostgreSQL ends a statement. */
  DATABASE_STATEMENT_TIMEOUT: wholeFrom(100, 600_000).default(5000),
  /** Milliseconds that a request waits for a connection. */
  DATABASE_ACQUIRE_TIMEOUT: wholeFrom(100, 600_000).default(5000),
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
  /** Requests a second of one socket; a user may make three, an address ten times as many. 0 turns every rate limit off. */
  RATE_LIMIT_EVENTS: wholeFrom(0, 100_000).default(50),
  /** Rows that a node keeps in memory; 0: none. */
  CACHE_ROWS: wholeFrom(0, 1_000_000).default(20_000),
  /** Hours that the feed keeps its entries. */
  FEED_RETENTION: wholeFrom(1, 8760).default(72),
  /** Seconds between `feed-head` events. */
  FEED_HEAD_INTERVAL: wholeFrom(1, 3600).default(15),
})
