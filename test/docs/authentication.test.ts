// The flows of docs/authentication.md, run in their order against a server: what the page shows is what happens.
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { app } from '../../app.ts'
import { codeAt } from '../../plugins/mfa/totp.ts'
import { startApp, type RunningApp } from '../support/app-server.ts'
import { administrator } from '../support/databases.ts'

const page = readFileSync(new URL('../../docs/authentication.md', import.meta.url), 'utf8')
const flows = [...page.matchAll(/## ([^\n]+)|```flow\n([\s\S]*?)```/g)].reduce<{ title: string; lines: string[] }[]>((found, [, title, body]) => {
  if (title !== undefined) found.push({ title, lines: [] })
  else found.at(-1)?.lines.push(...(body ?? '').trim().split('\n'))
  return found
}, [])

type Reply = Readonly<Record<string, unknown>>

describe('docs/authentication.md', () => {
  const state = { token: undefined as string | undefined, reply: {} as Reply, mails: 0 }
  const values = new Map<string, string>([['email', administrator.email], ['password', administrator.password], ['newPassword', 'Quiet-River-52-Lantern'], ['nextPassword', 'Third-Harbour-19-Copper'], ['newEmail', 'ada@example.com']])
  let running: RunningApp | undefined

  before(async function () {
    this.timeout(60_000)
    running = await startApp(app, 'embedded')
  })
  after(() => running?.stop())

  /** The token in the newest mail, once there is one more than the last time. */
  const mailed = async (): Promise<string> => {
    const folder = join(running?.server.assembly.settings.DATA_DIR ?? '', 'mail')
    for (const deadline = Date.now() + 20_000; Date.now() < deadline; await sleep(50)) {
      const files = ((): string[] => {
        try {
          return readdirSync(folder).filter((name) => name.endsWith('.eml')).toSorted()
        } catch {
          return []
        }
      })()
      if (files.length <= state.mails) continue
      state.mails = files.length
      const source = readFileSync(join(folder, files.at(-1) ?? ''), 'utf8').replaceAll('=\r\n', '').replaceAll('=3D', '=')
      return /token=([\w-]+)/.exec(source)?.[1] ?? ''
    }
    throw new Error('no mail came')
  }

  const fill = async (text: string): Promise<string> => {
    if (text.includes('$mailed') && !text.includes('newPassword')) values.set('mailed', await mailed())
    if (text.includes('$code')) values.set('code', codeAt(values.get('secret') ?? '', Date.now() / 1000))
    return text.replaceAll(/\$(\w+)/g, (_all, name: string) => {
      const value = values.get(name)
      if (value === undefined) throw new Error(`nothing has given $${name} yet`)
      return value
    })
  }

  const ask = async (event: string, payload: string): Promise<Reply> => {
    const headers = state.token === undefined ? {} : { authorization: `Bearer ${state.token}` }
    // Public events are for whoever has no session (any more).
    const isPublic = running?.server.assembly.operations.get(event)?.public === true
    const response = await fetch(`${running?.server.url ?? ''}/api/${event}`, { method: 'POST', body: payload, headers: isPublic ? {} : headers })
    const reply = (await response.json()) as Reply
    for (const [name, value] of Object.entries(reply)) if (typeof value === 'string') values.set(name, value)
    return reply
  }

  const perform = async (line: string): Promise<void> => {
    const [kind = '', ...rest] = line.split(' ')
    if (kind === '>') state.reply = await ask(rest[0] ?? '', await fill(rest.slice(1).join(' ')))
    else if (kind === '<') expect(Object.keys(state.reply), JSON.stringify(state.reply)).to.include.members(rest)
    else if (kind === '!') expect((state.reply['error'] as { code: string } | undefined)?.code, JSON.stringify(state.reply)).to.equal(rest[0])
    else if (kind === 'as') state.token = await fill(rest[0] ?? '')
    else throw new Error(`"${line}" is no line of a flow`)
  }

  it('has flows', () => {
    expect(flows.flatMap(({ lines }) => lines)).to.have.length.above(40)
  })

  for (const { title, lines } of flows) {
    it(title, async function () {
      this.timeout(60_000)
      for (const line of lines) await perform(line)
    })
  }
})
