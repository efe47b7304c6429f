// The Dockerfile and the compose file, as far as they can be held to the sources without an engine.
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { parse } from 'yaml'
import { app } from '../../app.ts'
import { assemble } from '../../core/boot/assemble.ts'
import { root } from '../docs/markdown.ts'
import { variablesOf } from '../docs/variables.ts'
import { recordingLog } from '../kit/server.ts'

interface Service {
  readonly image?: string
  readonly build?: string
  readonly depends_on?: object
  readonly environment?: Readonly<Record<string, string>>
  readonly volumes?: readonly string[]
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>
  readonly networks: { readonly default: { readonly ipam: { readonly config: readonly { readonly subnet: string }[] } } }
}

const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const compose = parse(read('deploy/compose.yaml'), { merge: true }) as Compose

const key = (name: string): string => createHash('sha384').update(name).digest('base64')

/** The servers' keys, and what else a person fills in. */
const filled: Readonly<Record<string, string>> = {
  POSTGRES_PASSWORD: 'Kettle-Plum-9-Orbit', ADMIN_EMAIL: 'admin@example.com', ADMIN_PASSWORD: 'Plum-Kettle-41-Orbit',
  JWT_SECRET: key('sessions'), MFA_ENCRYPTION_KEY: key('factors'), AUDIT_KEY: key('entries'),
}

/** As Compose puts values in: `${X:?}` must be there, `${X:-default}` need not. */
const interpolated = (text: string): string =>
  text.replaceAll(/\$\{(\w+)(?::([-?])([^}]*))?\}/g, (_all, name: string, kind?: string, other?: string) => {
    const value = filled[name]
    if (value === undefined && kind !== '-') throw new Error(`${name} has no value and no default`)
    return value ?? other ?? ''
  })

const servers = Object.entries(compose.services).filter(([, { build }]) => build !== undefined)
const instructions = read('Dockerfile').split('\n').filter((line) => /^[A-Z]+ /.test(line))
const words = (name: string): string[][] =>
  instructions.filter((line) => line.startsWith(`${name} `)).map((line) => line.split(/\s+/).slice(1))

describe('package: deployment', () => {
  it('compose starts two servers alike, with variables that there are and values that are right', () => {
    expect(servers.map(([name]) => name)).to.deep.equal(['server-1', 'server-2'])
    const known = variablesOf(app)
    for (const [name, { environment = {} }] of servers) {
      expect(Object.keys(environment).filter((variable) => !known.has(variable)), name).to.deep.equal([])
      const values = Object.fromEntries(Object.entries(environment).map(([variable, text]) => [variable, interpolated(text)]))
      const { DATABASE_URL } = assemble(app, values, recordingLog()).variables
      expect(DATABASE_URL).to.equal('postgres://sovrane:Kettle-Plum-9-Orbit@database:5432/sovrane')
      expect(() => assemble(app, { ...values, JWT_SECRET: 'short' }, recordingLog())).to.throw(/JWT_SECRET/)
      expect(values['TRUST_PROXY']).to.equal(compose.networks.default.ipam.config[0]?.subnet)
    }
  })

  it('what compose asks a person for stands in .env.example', () => {
    const asked = new Set([...read('deploy/compose.yaml').matchAll(/\$\{(\w+)/g)].map((match) => match[1] ?? ''))
    const named = read('deploy/.env.example').split('\n').flatMap((line) => /^(\w+)=/.exec(line)?.[1] ?? [])
    expect(named.toSorted()).to.deep.equal([...asked].toSorted())
  })

  it('the proxy leads to both servers, at the port of the image, and asks whether they are ready', () => {
    const caddy = read('deploy/Caddyfile')
    const port = /\bPORT=(\d+)/.exec(read('Dockerfile'))?.[1]
    expect(/reverse_proxy (.+) \{/.exec(caddy)?.[1]?.split(' ')).to.deep.equal(servers.map(([name]) => `${name}:${port}`))
    expect(caddy).to.include('health_uri /health/ready').and.to.include('lb_policy cookie')
    expect(compose.services['proxy']?.volumes).to.include('./Caddyfile:/etc/caddy/Caddyfile:ro')
  })

  it('the image is made of files that there are, on a Node that is supported, and does not run as root', () => {
    const sources = words('COPY').filter(([first]) => !first?.startsWith('--')).flatMap((all) => all.slice(0, -1))
    expect(sources.filter((path) => !existsSync(join(root, path)))).to.deep.equal([])
    const versions = words('FROM').map(([image = '']) => Number(/^node:(\d+)-slim$/.exec(image)?.[1]))
    expect(versions).to.have.length(2)
    for (const version of versions) expect(version).to.be.at.least(20)
    expect(words('USER')).to.deep.equal([['node']])
    expect(read('Dockerfile')).to.include('CMD ["node", "dist/main.js"]')
    expect(existsSync(join(root, 'main.ts'))).to.equal(true)
    const own = words('ENV').flat().map((pair) => pair.split('=')[0] ?? '')
    expect(own.filter((name) => name !== 'NODE_ENV' && !variablesOf(app).has(name))).to.deep.equal([])
  })
})
