// A port that cannot be had is told before a database is made, in plain words and by the name of its variable.
import { expect } from 'chai'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { app } from '../../app.ts'
import { BootError } from '../../core/model/faults.ts'
import { listenOn } from '../../core/boot/port.ts'
import { startServer } from '../../core/boot/server.ts'
import { recordingLog } from '../kit/server.ts'

const key = (last: string): string => `k3Jv0Qz8sT1xW5yB7nM2pR4uF6hD9gLaCeXiOoZ${last}`

/** More than Node lets wait by default, which is 511. */
const crowd = 1500

/** As many as the system lets wait; 0 where it does not say. */
const bound = '/proc/sys/net/core/somaxconn'
const room = existsSync(bound) ? Number(readFileSync(bound, 'utf8')) : 0

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

  const title = 'thousands who come at once find room to wait, though the process is busy'
  if (room < crowd) it(`${title}: skipped, since this system lets ${room} connections wait (net.core.somaxconn)`)
  else it(title, async () => {
    const server = createServer()
    const port = await listenOn(server, { HOST: '127.0.0.1', PORT: 0 })
    // While it runs nothing is accepted here.
    const connected = execFileSync(process.execPath, ['--input-type=module', '--eval', `
      import { connect } from 'node:net'
      const sockets = []
      let open = 0
      const end = () => { process.stdout.write(String(open)); for (const socket of sockets) socket.destroy(); process.exit(0) }
      setTimeout(end, 20_000)
      for (let count = 0; count < ${crowd}; count += 1) {
        const socket = connect(${port}, '127.0.0.1', () => { open += 1; if (open === ${crowd}) end() })
        socket.on('error', () => undefined)
        sockets.push(socket)
      }`], { encoding: 'utf8' })
    await new Promise((resolve) => server.close(resolve))
    expect(Number(connected)).to.equal(crowd)
  })
})
