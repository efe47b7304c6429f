// The program's log, on standard error: lines of JSON for machines, and for a person at a terminal lines that can be read.
import { pino } from 'pino'
import pretty from 'pino-pretty'
import { variable, type Environment } from './environment.ts'
import { logLevel } from './variables.ts'

/** Names under which a secret could be logged by mistake. */
const redact = ['password', '*.password', 'token', '*.token', '*.accessToken', '*.refreshToken']

export interface LogOptions {
  readonly environment: Environment
  /** What is logged when LOG_LEVEL says nothing. */
  readonly usual: Parameters<typeof logLevel>[1]
  /** Whether a person reads it. LOG_FORMAT decides otherwise. */
  readonly isTerminal: boolean
  /** The file descriptor; default: standard error. */
  readonly to?: number
}

/** A log that is written at once, so that a process that dies has said why. */
export const createLog = ({ environment, usual, isTerminal, to = 2 }: LogOptions) => {
  const wanted = variable(environment, 'LOG_FORMAT').text ?? 'auto'
  const isPretty = wanted === 'pretty' || (wanted === 'auto' && isTerminal)
  const options = { level: logLevel(environment, usual), redact }
  if (!isPretty) return pino(options, pino.destination({ dest: to, sync: true }))
  const colorize = isTerminal && variable(environment, 'NO_COLOR').text === undefined
  return pino(
    options,
    pretty({ colorize, translateTime: 'SYS:HH:MM:ss', ignore: 'pid,hostname', singleLine: true, destination: to, sync: true }),
  )
}
