// Every variable is read by one reader: empty is unset, what nobody would see in it is refused by name, and no value is repeated.
import { expect } from 'chai'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { existsSync } from 'node:fs'
import { app } from '../../app.ts'
import type { AnyPlugin } from '../../core/define/index.ts'
import { assemble } from '../../core/boot/assemble.ts'
import { BootError } from '../../core/model/faults.ts'
import { schemaFields } from '../../core/model/fields.ts'
import { logLevel, variables as coreVariables } from '../../core/boot/variables.ts'
import { commandLineConfig } from '../../core/boot/command-line.ts'
import { sources } from '../architecture/sources.ts'
import { recordingLog } from '../kit/server.ts'

const key = (last: string): string => `k3Jv0Qz8sT1xW5yB7nM2pR4uF6hD9gLaCeXiOoZ${last}`
const right = {
  DATA_DIR: join(tmpdir(), `sovrane-environment-${process.pid}`), JWT_SECRET: key('1'), MFA_ENCRYPTION_KEY: key('2'), AUDIT_KEY: key('3'),
}

/** What stops the start. */
const faultsOf = (environment: Readonly<Record<string, string>>): readonly string[] => {
  try {
    assemble(app, { ...right, ...environment }, recordingLog())
    return []
  } catch (error) {
    if (error instanceof BootError) return error.faults
    throw error
  }
}

const plugins: readonly AnyPlugin[] = app.plugins
const fields = [coreVariables, ...plugins.flatMap(({ environment }) => environment ?? [])].flatMap(schemaFields)
const variables = [...new Set([
  ...fields.map(([name]) => name), 'JWT_SECRET', 'MFA_ENCRYPTION_KEY', 'AUDIT_KEY',
])]

/** A right value of each variable whose default is none. */
const examples: Readonly<Record<string, string>> = {
  DATABASE_URL: 'postgres://sovrane:hush@localhost:5432/sovrane', PUBLIC_URL: 'https://app.example.com',
  CORS_ORIGIN: 'https://app.example.com', TRUST_PROXY: 'loopback',
  DOCS: 'none', DRIFT: 'warn', CONSOLE: 'none',
  METRICS: 'public', METRICS_PORT: '9464', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://localhost:4318',
  SMTP_URL: 'smtp://sender:hush@mail.example.com:587', ADMIN_PASSWORD: 'Plum-Kettle-41-Orbit', JWT_SECRET: right.JWT_SECRET,
  MFA_ENCRYPTION_KEY: right.MFA_ENCRYPTION_KEY, AUDIT_KEY: right.AUDIT_KEY,
}
const defaults = new Map(fields.map(([name, field]) => [name, String(field.getDefault())]))
const exampleOf = (name: string): string => examples[name] ?? defaults.get(name) ?? ''

describe('boot: every variable', () => {
  for (const name of variables) {
    it(`${name}: right as it stands, and when empty`, () => {
      expect(faultsOf({ [name]: exampleOf(name) })).to.deep.equal([])
      expect(faultsOf({ [name]: '' })).to.deep.equal([])
    })
  }

  // All of them in one start: each is told, and none hides another.
  const spoilt: Readonly<Record<string, (value: string) => string>> = {
    'a carriage return': (value) => `${value}\r`, 'a line feed': (value) => `${value}\n`, 'a tab before it': (value) => `\t${value}`,
    'a bell in it': (value) => `${value.slice(0, Math.ceil(value.length / 2))}\u0007${value.slice(Math.ceil(value.length / 2))}`,
    'a next line': (value) => `${value}\u0085`, 'a delete': (value) => `${value}\u007f`,
    'a space before it': (value) => ` ${value}`, 'a space after it': (value) => `${value} `,
    'a no-break space': (value) => `\u00a0${value}`, 'a byte order mark': (value) => `${value}\ufeff`, 'a space alone': () => ' ',
  }
  for (const [what, spoil] of Object.entries(spoilt)) {
    it(`each is refused by name, and not repeated: ${what}`, () => {
      const faults = faultsOf(Object.fromEntries(variables.map((name) => [name, spoil(exampleOf(name))])))
      for (const fault of faults) expect(fault).to.match(/^[A-Z_]+: (?:has a control character|must not begin or end with white space)/)
      expect(faults.map((fault) => fault.split(':')[0])).to.have.members(variables)
    })
  }

  it('are told together, secrets of plugins that need a faulty one too, and no key is made', () => {
    const directory = join(tmpdir(), `sovrane-nowhere-${process.pid}`)
    const environment = {
      DATA_DIR: directory, PORT: 'abc', SMTP_URL: 'localhost:25', JOB_LEASE: '0', MAIL_FROM: 'nobody', CORS_ORIGIN: '*',
      TRUST_PROXY: 'localhost', LOG_LEVEL: 'verbose', SEED: 'yes',
      ADMIN_EMAIL: 'nobody', BCRYPT_COST: '99', JWT_ACCESS_TOKEN_DURATION: '15 minutes', DATABASE_URL: 'mysql://x',
      PUBLIC_URL: 'app.example.com', AUDIT_KEY: 'short', MFA_ENCRYPTION_KEY: '', JWT_SECRET: '',
    }
    const named = new Set(faultsOf(environment).map((fault) => fault.split(':')[0]))
    expect([...named]).to.have.members(Object.keys(environment).filter((name) => name !== 'DATA_DIR'))
    expect(existsSync(directory)).to.equal(false)
  })
})

const wrong: Readonly<Record<string, readonly string[]>> = {
  PORT: ['70000', 'abc', '-1', '3000.5', '0x10', '1e3', 'Infinity', 'NaN', '3000;', '٣'],
  HOST: ['127.0.0.1:3000', '[::1]', 'http://localhost', '256.1.1.1', '127.1', '*', 'a b', 'host/', '-x', 'exa%mple'],
  DATABASE_URL: ['mysql://x', 'localhost:5432', 'postgres', 'postgres:x', 'sovrane', 'postgres://u:pa#ss@localhost/x', 'postgres://u:pa%ss@localhost/x', 'postgres://u:pa ss@localhost/x', 'postgres://localhost:99999/x', 'http://localhost/x'],
  PUBLIC_URL: ['app.example.com', 'ftp://app.example.com', '//app.example.com', 'https:app.example.com', 'https:\\\\app.example.com', 'https://', 'https://app.example.com?x', 'https://app.example.com#x', 'https://me:hush@app.example.com', 'https://app.example.com/a b', 'javascript:alert(1)'],
  SMTP_URL: ['localhost:25', 'smtp:localhost', 'http://mail.example.com', 'smtp://', 'smtp://u:pa#ss@mail.example.com', 'smtp://u:pa%ss@mail.example.com', 'smtp://mail.example.com/path', 'smtp://mail.example.com:99999', 'mail.example.com'],
  MAIL_FROM: ['nobody', 'Sovrane <nobody', 'a@example.com, b@example.com', '<>', 'Sovrane'],
  ADMIN_EMAIL: ['nobody', '@example.com', 'a@b@', 'a b@example.com'],
  ADMIN_PASSWORD: ['short', 'aaaaaaaaaaaaaaa', 'password12'],
  JWT_ACCESS_TOKEN_DURATION: ['15 minutes', '15', '0m', '-5m', '1.5h', 'm', '15M', '1w'],
  JWT_REFRESH_TOKEN_DURATION: ['7 days', '7'],
  SESSION_DURATION: ['forever', '30D'],
  BCRYPT_COST: ['99', '3', '10.5', 'ten'],
  RATE_LIMIT_EVENTS: ['-1', 'off', '1.5'],
  RATE_LIMIT_LOGINS: ['-1', 'off'],
  LOG_LEVEL: ['verbose', 'INFO', '30'],
  LOG_FORMAT: ['text', 'JSON', '1'],
  OTEL_EXPORTER_OTLP_ENDPOINT: ['localhost:4318', 'grpc://localhost:4317', 'ftp://localhost'],
  METRICS: ['private', 'PUBLIC', '1'],
  DOCS: ['off', 'None', 'all'],
  METRICS_PORT: ['-1', '65536', '9464.5', 'http', '3000'],
  SEED: ['yes', 'None', 'true'],
  MESSAGE_SIZE: ['64k', '10', '-1'],
  HTTP_KEEP_ALIVE: ['0', '75s', '99999'],
  HTTP_HEADERS_TIMEOUT: ['0', '15s'],
  HTTP_REQUEST_TIMEOUT: ['0', '1m'],
  HTTP_MAX_CONNECTIONS: ['0', 'many'],
  SOCKET_MAX_REQUESTS: ['0', 'all'],
  SOCKET_MAX_UNSENT: ['1MB', '0'],
  SOCKET_JOIN_TIMEOUT: ['0', '10s'],
  SOCKET_IDLE_TIMEOUT: ['-1', '10m'],
  DATABASE_STATEMENT_TIMEOUT: ['5s', '0'],
  DATABASE_ACQUIRE_TIMEOUT: ['5s', '0'],
  DATABASE_POOL_SIZE: ['1', 'many'],
  DATABASE_QUEUE_SIZE: ['0', 'long'],
  FEED_RETENTION: ['0', '3d'],
  FEED_HEAD_INTERVAL: ['0', '15s'],
  JOB_LEASE: ['0', '1m'],
  JOB_CONCURRENCY: ['0', '101'],
  CORS_ORIGIN: ['*', 'app.example.com'],
  TRUST_PROXY: ['localhost', 'true'],
  JWT_SECRET: ['short', 'x'.repeat(64), 'changeme-changeme-changeme-changeme'],
}

describe('boot: wrong values', () => {
  for (const [name, values] of Object.entries(wrong)) {
    for (const value of values) {
      it(`${name}=${value.slice(0, 40)} is refused by name`, () => {
        const faults = faultsOf({ [name]: value })
        expect(faults.map((fault) => fault.split(':')[0])).to.deep.equal([name])
      })
    }
  }

  for (const secret of ['hush-hush', 'hush%zz', 'hush#hush']) {
    it(`a password such as ${secret} in a wrong address is not repeated`, () => {
      for (const environment of [
        { DATABASE_URL: `mysql://me:${secret}@host/x` }, { DATABASE_URL: `postgres://me:${secret}@host:99999/x` },
        { SMTP_URL: `http://me:${secret}@host` }, { PUBLIC_URL: `https://me:${secret}@host` }, { CORS_ORIGIN: `https://me:${secret}@host` },
        { ADMIN_PASSWORD: 'hush' },
      ]) {
        expect(faultsOf(environment).join(' ')).to.match(/^\w+: /).and.not.include('hush')
      }
    })
  }

  const good: Readonly<Record<string, readonly string[]>> = {
    HOST: ['0.0.0.0', '::', '::1', 'localhost', 'node-1.internal', 'fe80::1%eth0'],
    DATABASE_URL: ['postgresql://localhost/x', 'postgres://u:p%23%2F@db.internal:5432/x?sslmode=require', 'postgres:///x?host=/var/run/postgresql', 'postgres://u@/x?host=/var/run/postgresql', 'postgres://[::1]/x'],
    PUBLIC_URL: ['http://localhost:3000', 'https://app.example.com/', 'https://app.example.com/base', 'https://münchen.example'],
    SMTP_URL: ['smtp://localhost', 'smtps://u%40x:p%23@mail.example.com:465', 'smtp://mail.example.com:587/?pool=true'],
    MAIL_FROM: ['a@example.com', 'The Desk <desk@example.com>', '"The Desk" <desk@example.com>'],
    RATE_LIMIT_EVENTS: ['0'],
  }
  for (const [name, values] of Object.entries(good)) {
    it(`${name}: what is right is taken`, () => {
      for (const value of values) expect(faultsOf({ [name]: value }), value).to.deep.equal([])
    })
  }
})

describe('boot: who reads variables', () => {
  it('a log is made whatever LOG_LEVEL is', () => {
    expect(['', 'verbose', 'info\r', ' '].map((LOG_LEVEL) => logLevel({ LOG_LEVEL }, 'warn'))).to.deep.equal([
      'warn', 'warn', 'warn', 'warn',
    ])
    expect(logLevel({}, 'info')).to.equal('info')
    expect(logLevel({ LOG_LEVEL: 'trace' }, 'info')).to.equal('trace')
  })

  it('nothing of the product reads one by itself', () => {
    const readers = sources().filter(({ path }) => /^(?:main\.ts|knexfile\.ts|core\/|plugins\/|resources\/)/.test(path))
      .flatMap(({ path, text }) =>
        [...text.matchAll(/process\.env[.[]|\benvironment(?:\.[A-Z]|\[(?:name|['"][A-Z]))|\benv\[['"](?!OWNER)[A-Z]/g)].map(() => path))
    expect(readers).to.deep.equal(['core/boot/environment.ts'])
  })

  it('migrations by hand read them likewise', async () => {
    for (const [name, value] of [
      ['DATABASE_URL', 'mysql://me:hush@host/x'], ['DATABASE_URL', 'postgres://localhost/x\r'], ['DATA_DIR', './data\r'],
    ] as const) {
      const error: unknown = await commandLineConfig([], { env: { [name]: value }, argv: [] })
        .then(() => undefined, (thrown: unknown) => thrown)
      expect(error).to.be.instanceOf(BootError)
      expect(String(error)).to.include(`${name}: `).and.not.include('hush')
    }
  })
})
