// Remembers every secret that passes by and everything in which none may be: replies, broadcasts, logs, mails, rows.
import { inspect } from 'node:util'
import type { Client } from '../kit/client.ts'
import { isRow, row, type Row } from '../kit/replies.ts'
import { unique, type TestServer } from '../kit/test-server.ts'

/** The replies whose purpose is to hand something out, by event, with the fields that hold it. Source: docs/protocol.md §3.3, §4. */
const handsOut: Readonly<Record<string, readonly string[]>> = {
  'auth-login': ['accessToken', 'refreshToken', 'mfaToken', 'resetToken'],
  'auth-mfa-verify': ['accessToken', 'refreshToken', 'resetToken'],
  'auth-refresh': ['accessToken', 'refreshToken'],
  'auth-mfa-setup': ['secret', 'otpauthUrl', 'qrCode'],
  'auth-mfa-enable': ['recoveryCodes'],
  'auth-mfa-recovery-codes': ['recoveryCodes'],
  'auth-token-create': ['token'],
  'invitation-create': ['token'],
  'invitation-accept': ['accessToken', 'refreshToken'],
}

/** What is a secret in a payload. */
const givenSecrets = new Set(['password', 'currentPassword', 'newPassword', 'token', 'refreshToken', 'mfaToken', 'code'])

/** Shorter than that, a text is found anywhere by chance. */
const shortest = 8

export interface Finding {
  readonly secret: string
  readonly where: string
  readonly around: string
}

export class Canary {
  readonly #house: TestServer
  readonly #secrets = new Map<string, string>()
  readonly #texts: { readonly where: string; readonly text: string }[] = []

  constructor(house: TestServer) {
    this.#house = house
    for (const name of ['JWT_SECRET', 'MFA_ENCRYPTION_KEY', 'AUDIT_KEY']) this.secret(name, house.environment[name])
  }

  get known(): number { return this.#secrets.size }

  /** Something that must be found nowhere. */
  secret(name: string, value: unknown): void {
    if (Array.isArray(value)) value.forEach((each) => this.secret(name, each))
    else if (typeof value === 'string' && value.length >= shortest) this.#secrets.set(value, name)
  }

  text(where: string, text: string): void {
    this.#texts.push({ where, text })
  }

  /** One request; what the reply may hand out is taken for a secret, the rest of it must hold none. */
  async ask(event: string, payload: Row = {}, by?: { readonly token: string }): Promise<Row> {
    for (const [name, value] of Object.entries(payload)) if (givenSecrets.has(name)) this.secret(`${event} ${name}`, value)
    const request = { ...payload, requestId: unique('canary') }
    const body = row(await this.#house.ask(event, request, by))
    this.text(`the reply to ${event}`, JSON.stringify(this.#takeOut(event, body)))
    // The same request again hands nothing out a second time.
    if (by) this.text(`the repeated reply to ${event}`, JSON.stringify(await this.#house.ask(event, request, by)))
    return body
  }

  #takeOut(event: string, body: Row): Row {
    const fields = new Set(handsOut[event] ?? [])
    return Object.fromEntries(Object.entries(body).map(([name, value]) => {
      if (fields.has(name)) {
        this.secret(`${event} ${name}`, value)
        return [name, '…']
      }
      return [name, isRow(value) ? this.#takeOut(event, value) : value]
    }))
  }

  hear(client: Client): void {
    client.socket.onAny((...heard: readonly unknown[]) => this.text('a broadcast', JSON.stringify(heard)))
  }

  /** All rows of all tables, but for the columns that exist to hold hashes; those are secrets everywhere else. */
  async dump(): Promise<void> {
    const tables = await this.#house.sql("select table_name as name from information_schema.tables where table_schema = current_schema() and table_type = 'BASE TABLE'")
    for (const { name } of tables) {
      for (const { line } of await this.#house.sql(`select to_jsonb(t) as line from "${String(name)}" t`)) {
        const [columns, hashes] = [Object.entries(row(line)), new Set<string>()]
        for (const [column, value] of columns) {
          if (!/(?:password|refresh|previous|token|code)_hash$/.test(column)
            && `${String(name)}.${column}` !== 'spent_refresh_tokens.hash') continue
          hashes.add(column)
          this.secret(`${String(name)}.${column}`, value)
        }
        this.text(`the table ${String(name)}`, JSON.stringify(Object.fromEntries(columns.filter(([column]) => !hashes.has(column)))))
      }
    }
  }

  logs(): void {
    for (const line of this.#house.log.lines)
      this.text('the log', inspect(line, { depth: Infinity, maxStringLength: Infinity, maxArrayLength: Infinity }))
  }

  /** `allowed`: the secrets that this mail is there to bring. */
  mail(source: string, decoded: string, allowed: readonly string[]): void {
    this.text('a mail', allowed.reduce((text, secret) => text.replaceAll(secret, '…'), `${decoded}\n${allowed.length === 0 ? source : ''}`))
  }

  find(): Finding[] {
    const forms = [...this.#secrets].flatMap(([secret, name]) =>
      [secret, Buffer.from(secret).toString('base64url'), Buffer.from(secret).toString('hex'), encodeURIComponent(secret)].map((form) =>
        ({ name, form })))
    const found = new Map<string, Finding>()
    for (const { where, text } of this.#texts) {
      for (const { name, form } of forms) {
        const at = text.indexOf(form)
        if (at >= 0) found.set(`${name} ${where}`, { secret: name, where, around: text.slice(Math.max(0, at - 60), at + 20) })
      }
    }
    return [...found.values()]
  }
}
