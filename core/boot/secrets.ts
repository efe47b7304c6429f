// Server keys: from the environment, or in embedded mode made once and kept where only the owner reads them.
import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Keys } from '../define/plugin.ts'
import { variable, type Environment } from './environment.ts'

const shortest = 32
const howTo = 'To make one: openssl rand -base64 48'

/** A key that is missing or cannot be used, by the name of its variable. */
export class SecretError extends Error {
  readonly variable: string
  readonly reason: string

  constructor(variable: string, reason: string) {
    super(`${variable}: ${reason}`)
    this.name = 'SecretError'
    this.variable = variable
    this.reason = reason
  }
}

const isWeak = (key: Buffer): string | undefined => {
  if (key.length < shortest) return `must be at least ${shortest} bytes`
  if (new Set(key).size < 8) return 'repeats itself; a key must be random'
  if (/secret|changeme|password|example|default/i.test(key.toString('latin1')) && key.length < 48)
    return 'looks like a placeholder; a key must be random'
  return undefined
}

export interface SecretOptions {
  readonly environment: Environment
  /** Where keys that are made are kept; undefined: they are thrown away, with a start that is refused anyhow. */
  readonly dataDir: string | undefined
  readonly embedded: boolean
}

/**
 * Reads keys by the name of their variable. A comma separates keys: the first is used, all are accepted.
 * The function it gives throws SecretError when a key is missing or weak.
 */
export const createSecrets = ({ environment, dataDir, embedded }: SecretOptions) => {
  const seen = new Map<string, string>()
  const generated = (name: string): string => {
    if (dataDir === undefined) return randomBytes(48).toString('base64url')
    const file = join(dataDir, 'keys', name.toLowerCase().replaceAll('_', '-'))
    if (!existsSync(file)) {
      mkdirSync(join(dataDir, 'keys'), { recursive: true, mode: 0o700 })
      writeFileSync(file, randomBytes(48).toString('base64url'), { mode: 0o600, flag: 'wx' })
    }
    chmodSync(file, 0o600)
    return readFileSync(file, 'utf8').trim()
  }
  return (name: string): Keys => {
    const { text: given, fault } = variable(environment, name)
    if (fault !== undefined) throw new SecretError(name, fault)
    if (given === undefined && !embedded) {
      throw new SecretError(name, `is required with DATABASE_URL, at least ${shortest} random bytes. ${howTo}`)
    }
    const text = given ?? generated(name)
    const [first = Buffer.of(), ...others] = text.split(',').map((key) => Buffer.from(key.trim(), 'utf8'))
    for (const key of [first, ...others]) {
      const weakness = isWeak(key)
      if (weakness !== undefined) throw new SecretError(name, `${weakness}. ${howTo}`)
      const owner = seen.get(key.toString('latin1'))
      if (owner !== undefined && owner !== name) throw new SecretError(name, `is the same key as ${owner}; each needs its own`)
      seen.set(key.toString('latin1'), name)
    }
    return [first, ...others]
  }
}
