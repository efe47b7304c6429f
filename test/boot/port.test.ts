// A port that cannot be had is told before a database is made, in plain words and by the name of its variable.
import { expect } from 'chai'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { app } from '../../app.ts'
import { BootError } from '../../core/model/faults.ts'
import { startServer } from '../../core/boot/server.ts'
import { recordingLog } from '../kit/server.ts'

const key = (last: string): string => `k3Jv0Qz8sT1xW5yB7nM2pR4uF6hD9gLaCeXiOoZ${last}`

/** The faults of a start, which must leave no database behind. */
const faultsOf = async (environment: Readonly<Record<string, string>>): Promise<readonly string[]> => {
  const directory = join(tmpdir(), `sovrane-port-${process.pid}`)
  const start = startServer(app, {
    environment: { DATA_DIR: directory, JWT_SECRET: key('1'), MFA_ENCRYPTION_KEY: key('2'), AUDIT_KEY: key('3'), ...environment },
    log: recordingLog(), print: () => undefined, interactive: false,
  })
  const error: unknown = await start.then(async (server) => server.stop(), (thrown: unknown) => thrown)
  expect(existsSync(directory), 'a database was made').to.equal(false)
  if (error instanceof BootError) return error.faults
  throw error instanceof Error ? error : new Error('it started')
}

describe('boot: the port', () => {
  it('a taken one is named, with what to do', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    expect(await faultsOf({ PORT: String(port) })).to.deep.equal([
      `PORT: 127.0.0.1:${port} is in use by another process. Stop it, or set PORT to another port`,
    ])
    other.close()
  })

  for (const HOST of ['nowhere.invalid', '192.0.2.1', '2001:db8::1']) {
    it(`${HOST}, which is none of this machine's, is named`, async () => {
      const [fault, ...rest] = await faultsOf({ HOST, PORT: '0' })
      expect(fault).to.include(`HOST: "${HOST}" is not an address or name of this machine`)
      expect(rest).to.deep.equal([])
    })
  }
})
