// Reads and runs the sequences of a page: requests, replies with names and omissions, sockets, and the SQL in comments.
import { expect } from 'chai'
import type { Client } from '../kit/client.ts'
import { isRow, text, type Row } from '../kit/replies.ts'
import { codeNow } from './authenticator.ts'
import type { TestServer } from '../kit/test-server.ts'

export interface Step {
  readonly kind: 'ask' | 'connect' | 'hear' | 'run'
  readonly line: string
  /** What stands after `←`. */
  readonly reply: string
}

export interface Section {
  readonly title: string
  readonly steps: readonly Step[]
}

const kinds = { '→': 'ask', '⇐': 'hear' } as const

/** The sections of the page that have something to run. */
export const sectionsOf = (page: string): Section[] => page.split(/^## /m).slice(1).map((part) => {
  const steps: Step[] = []
  for (const [, comment, block] of part.matchAll(/<!-- run: (.+?) -->|```sequence\n([\s\S]*?)```/g)) {
    if (comment !== undefined) steps.push({ kind: 'run', line: comment, reply: '' })
    for (const line of (block ?? '').split('\n').filter((each) => each !== '')) {
      const [mark, rest] = [line.charAt(0), line.slice(2)]
      const last = steps.at(-1)
      if (mark === '←' && last?.kind === 'ask') steps.splice(-1, 1, { ...last, reply: rest })
      else if (mark === '→' || mark === '⇐') steps.push({ kind: kinds[mark], line: rest, reply: '' })
      else if (line.startsWith('connect as ')) steps.push({ kind: 'connect', line: line.slice('connect as '.length), reply: '' })
      else throw new Error(`what is "${line}"?`)
    }
  }
  return { title: part.split('\n')[0] ?? '', steps }
}).filter(({ steps }) => steps.length > 0)

/** In parsed replies: the name of a value, and that more may follow. */
const [nameMark, moreMark] = ['\u0001', '\u0002']

const parse = (source: string): unknown => JSON.parse(source
  .replaceAll(/<([a-z ]+)>/g, (_, name: string) => JSON.stringify(`${nameMark}${name}`))
  .replaceAll(/([,{[] )…(?= [\]}])/g, (_, before: string) => `${before}${JSON.stringify(moreMark)}`)
  .replaceAll(/"\\u0002"(?= \})/g, '"\\u0002": true')) as unknown

export class Reader {
  readonly #house: TestServer
  readonly #values = new Map<string, string>()
  #socket: Client | undefined

  constructor(house: TestServer) {
    this.#house = house
    this.#values.set('admin', house.admin.token)
  }

  async #value(name: string): Promise<string> {
    const known = this.#values.get(name)
    if (name === 'code of now') return codeNow(await this.#value('secret'))
    if (name === 'mailed code' || name === 'mailed token') return this.#mailed(name)
    if (known === undefined) throw new Error(`no reply gave <${name}>`)
    return known
  }

  /** From the newest mail to either of Ada's addresses. */
  async #mailed(name: string): Promise<string> {
    const mails = await this.#house.mailsTo('ada@example.com', 'ada@example.org')
    const found = name === 'mailed code' ? mails.at(-1)?.match(/\b\d{6}\b/)?.[0] : mails.at(-1)?.match(/token=([\w-]+)/)?.[1]
    if (found === undefined) throw new Error(`no mail has a ${name}`)
    return found
  }

  /** A payload with its names replaced. */
  async #fill(value: unknown): Promise<unknown> {
    if (typeof value === 'string' && value.startsWith(nameMark)) return this.#value(value.slice(1))
    if (Array.isArray(value)) return Promise.all(value.map((each) => this.#fill(each)))
    if (!isRow(value)) return value
    return Object.fromEntries(await Promise.all(Object.entries(value).map(async ([key, each]) => [key, await this.#fill(each)] as const)))
  }

  /** Compares a reply with what is written; a name that is new takes the value. */
  #compare(actual: unknown, written: unknown, path: string): void {
    if (written === '…') return void expect(actual, path).to.not.equal(undefined)
    if (typeof written === 'string' && written.startsWith(nameMark)) return this.#name(written.slice(1), text(actual), path)
    if (Array.isArray(written)) return this.#compareItems(actual, written, path)
    if (!isRow(written)) return void expect(actual, path).to.equal(written)
    if (!isRow(actual)) throw new Error(`${path} is ${JSON.stringify(actual)}`)
    const { [moreMark]: more, ...fields } = written
    if (more !== true) expect(Object.keys(actual), `${path}: ${JSON.stringify(actual)}`).to.have.members(Object.keys(fields))
    for (const [field, wanted] of Object.entries(fields)) this.#compare(actual[field], wanted, `${path}.${field}`)
  }

  #compareItems(actual: unknown, written: readonly unknown[], path: string): void {
    if (!Array.isArray(actual)) throw new Error(`${path} is ${JSON.stringify(actual)}`)
    const wanted = written.filter((each) => each !== moreMark)
    if (wanted.length === written.length) expect(actual, path).to.have.length(wanted.length)
    else expect(actual.length, path).to.be.greaterThan(wanted.length)
    wanted.forEach((each, index) => this.#compare(actual[index], each, `${path}[${index}]`))
  }

  #fresh = new Set<string>()

  #name(name: string, value: string, path: string): void {
    if (this.#fresh.has(name)) return void expect(value, `${path} is <${name}>`).to.equal(this.#values.get(name))
    this.#values.set(name, value)
    // Proofs are many; other names stand for one value throughout a section.
    if (name !== 'proof') this.#fresh.add(name)
  }

  async run({ kind, line, reply }: Step): Promise<void> {
    if (kind === 'run') return void await this.#house.sql(line)
    if (kind === 'connect') {
      this.#socket = await this.#house.socket({ token: await this.#value(line.slice(1, -1)) })
      return
    }
    if (kind === 'hear') {
      const [event = '', payload = ''] = line.split(/ (.*)/)
      return this.#compare((await this.#socket?.hear(event))?.args[0], parse(payload), event)
    }
    const [, event = '', payload = '', token] = /^([a-z-]+) (\{.*?\})(?: as <([a-z ]+)>)?$/.exec(line) ?? []
    const by = token === undefined ? undefined : { token: await this.#value(token) }
    const answer = await this.#house.ask(event, (await this.#fill(parse(payload))) as Row, by)
    this.#compare(answer, parse(reply), event)
  }
}
