// The variables that core itself reads. Source: wire contract §8 and §9.
import { number, object, string } from 'yup'

const wholeFrom = (min: number, max: number) => number().integer().min(min).max(max)

export const settings = object({
  PORT: wholeFrom(0, 65_535).default(3000),
  HOST: string().default('127.0.0.1'),
  DATABASE_URL: string(),
  DATA_DIR: string().default('./data'),
  /** Connections to PostgreSQL. */
  DATABASE_POOL_SIZE: wholeFrom(2, 1000).default(10),
  /** Milliseconds after which PostgreSQL ends a statement. */
  DATABASE_STATEMENT_TIMEOUT: wholeFrom(100, 600_000).default(5000),
  /** Milliseconds that a request waits for a connection. */
  DATABASE_ACQUIRE_TIMEOUT: wholeFrom(100, 600_000).default(5000),
  CORS_ORIGIN: string().default(''),
  TRUST_PROXY: string().default(''),
  LOG_LEVEL: string().oneOf(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  /** Bytes of one message. */
  MESSAGE_SIZE: wholeFrom(1024, 16_777_216).default(65_536),
  /** Hours that the feed keeps its entries. */
  FEED_RETENTION: wholeFrom(1, 8760).default(72),
  /** Seconds between `feed-head` events. */
  FEED_HEAD_INTERVAL: wholeFrom(1, 3600).default(15),
})
