// Waits for a word on stdin, then takes the directory; says how that went and keeps it until told to end.
// With `broken` it looks first and announces itself later: the mistake that the tests of the lock must be able to see.

import { once } from 'node:events'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { lockDirectory } from '../../../core/db/lock-file.ts'

const [directory = '', variant] = process.argv.slice(2)
const input = createInterface({ input: process.stdin })

const takeBroken = async (): Promise<void> => {
  const path = join(directory, 'broken.lock')
  if (existsSync(path)) throw new Error('in use')
  await sleep(200)
  writeFileSync(path, String(process.pid))
}

console.log('ready')
await once(input, 'line')
try {
  await (variant === 'broken' ? takeBroken() : lockDirectory(directory))
  console.log('held')
} catch (error) {
  console.log((error as Error).message)
}
await once(input, 'line')
process.exit(0)
