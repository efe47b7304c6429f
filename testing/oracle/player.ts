// Plays steps against a server and the model side by side, and fails at the first answer that differs.

import { Actor } from './actor.ts'
import { Disagreement, isPassed, Lost } from './disagreement.ts'
import { aboutRow, contradiction } from './explained.ts'
import type { Doors, Reply } from './doors.ts'
import { resources, root } from './keys.ts'
import { keepRoot, nothing } from './move.ts'
import type { Judged, Payload } from './move.ts'
import { Organisation } from './organisation.ts'
import type { Further } from './organisation.ts'
import { walk } from './paging.ts'
import { People } from './people.ts'
import type { Acting, Keeper } from './people.ts'
import { ownIds, pages, queries } from './queries.ts'
import { departmentRules } from './rules-departments.ts'
import { otherRules } from './rules-others.ts'
import { roleRules } from './rules-roles.ts'
import { userRules } from './rules-users.ts'
import { differs, isValues } from './shape.ts'
import type { Values } from './shape.ts'
import type { Look, Step } from './steps.ts'
import { tally } from './survey.ts'
import type { Verdict } from './verdict.ts'

const rules = { ...userRules, ...roleRules, ...departmentRules, ...otherRules }

/** All that the model knows the rules of: what an app must have to be played. */
export const judged: readonly string[] = [rules, queries, pages].flatMap((known) => Object.keys(known))

/** Those that have an event for many payloads. */
const takesMany = /^(?:user|role|site|department|group|permission)-(?:create|update|delete)$/

let passwords = 0

const brief = (reply: Reply): string => reply.error?.text ?? `success ${JSON.stringify(reply.body).slice(0, 400)}`

/** Fails when a refusal is not one of those that may be, or there is none where one must be. */
function hold(verdict: Verdict, reply: Reply): void {
  const { error } = reply
  const wanted = [...verdict.must, ...verdict.may]
  const list = wanted.map((refusal) => `${refusal.code}: ${refusal.why}`).join('; ')
  if (error === undefined) {
    if (verdict.must.length > 0) throw new Disagreement(`accepted, and must be refused as ${list}`)
    return
  }
  const fits = wanted.some((refusal) =>
    refusal.code === error.code && (refusal.permission === undefined || refusal.permission === error.permission))
  if (!fits)
    throw new Disagreement(`refused with ${error.text}, and ${wanted.length === 0 ? 'must succeed' : `the refusal must be ${list}`}`)
}

/** One's own address and password go through their own events. */
function fitting(actor: Actor, event: string, payload: Payload): Payload {
  if (event !== 'user-update' || payload['id'] !== actor.user.id) return payload
  const { email: _email, password: _password, ...rest } = payload
  return Object.keys(rest).length > 1 ? rest : { ...rest, firstName: 'Own' }
}

/** Whether the keeper holds `root` beside the organisation, and what the app adds to its rows. */
interface Beside {
  readonly lonely: boolean
  readonly further: Further
}

export class Player {
  readonly org: Organisation
  readonly people: People
  readonly #doors: Doors
  readonly #prefix: string
  readonly #keeper: Keeper
  readonly #lonely: boolean
  /** What was played, to be told with a failure. */
  readonly log: string[] = []

  constructor(doors: Doors, keeper: Keeper, prefix: string, { lonely, further }: Beside) {
    this.org = new Organisation(further)
    this.#doors = doors
    this.#keeper = keeper
    this.#prefix = prefix
    this.#lonely = lonely
    this.people = new People(this.org, doors, keeper, prefix)
    this.org.outside.add(keeper.id)
    this.org.put('user', {
      id: keeper.id, firstName: '', lastName: '', email: 'keeper', status: 'active', picture: null, metadata: null, locale: null,
      siteId: null, departmentId: null,
      roles: [], grants: [{ permissionId: root, scopeId: null, deny: false }], password: undefined, endings: 0,
    })
  }

  /** `~` becomes the organisation's prefix, `own:…` the ids of its rows, `new` a password that no one had. */
  #resolve(value: unknown, key = ''): unknown {
    if (typeof value === 'string')
      return key === 'password' && value === 'new' ? `Quiet-River-${passwords += 1}-Lantern` : value.replaceAll('~', this.#prefix)
    if (Array.isArray(value)) return value.flatMap((each: unknown) =>
      (typeof each === 'string' && each.startsWith('own:') ? this.#own(each) : [this.#resolve(each)]))
    if (isValues(value)) return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, this.#resolve(each, name)]))
    return value
  }

  #own(marker: string): string[] {
    return resources.filter((resource) => marker === `own:${resource}`).flatMap((resource) => ownIds(resource, this.#prefix))
  }

  async #send(acting: Acting, event: string, payload: Payload): Promise<Reply> {
    if (acting.many && takesMany.test(event)) {
      const reply = await this.#send({ ...acting, many: false }, `${event}-many`, { items: [payload] })
      const [body] = Array.isArray(reply.body['items']) ? reply.body['items'].filter(isValues) : []
      return body && reply.error === undefined ? { body, error: undefined } : reply
    }
    return acting.socket ? this.#doors.socket(event, payload, acting.token) : this.#doors.http(event, payload, acting.token)
  }

  /** Does a part of the comparison; what it finds is thrown with the request, unless it is of a kind that is let pass at the moment. */
  async #told(acting: Acting, asked: { event: string; payload: Payload }, task: () => Promise<void> | void): Promise<void> {
    try {
      await task()
    } catch (error) {
      if (!(error instanceof Disagreement)) throw error
      const line = `${acting.name}: ${asked.event} ${JSON.stringify(asked.payload)}`
      const message = `${line}\n    ${error.message}`.replaceAll(this.#prefix, '')
      if (!isPassed(message)) throw new Disagreement(message)
    }
  }

  /** One step, and the looks after it. */
  async play(step: Step): Promise<void> {
    await this.#act(step)
    await Promise.all(step.looks.map(async (each) => this.look(each)))
  }

  /** The first steps, which the keeper may take at once, but for those on the same row. */
  async playTogether(steps: readonly Step[]): Promise<void> {
    const rows = [...new Set(steps.map((step) => step.payload['id']))]
    await Promise.all(rows.map(async (id) => {
      for (const step of steps) if (step.payload['id'] === id) await this.#act(step)
    }))
  }

  async #act(step: Step): Promise<void> {
    if (step.event in queries || step.event in pages) return this.look(step)
    const rule = rules[step.event]
    if (rule === undefined) throw new Error(`there is no rule for ${step.event}`)
    const judge = (actor: Actor, payload: Payload): Judged => {
      const judged = rule(actor, payload)
      if (this.#lonely && step.user !== 'keeper') keepRoot(this.org, judged)
      return judged
    }
    const given = this.#resolve(step.payload) as Payload
    const who = { ...step, user: step.user.replaceAll('~', this.#prefix) }
    const acting = await this.people.find(who, (actor) => judge(actor, fitting(actor, step.event, given)).verdict)
    if (acting === undefined) return
    const payload = fitting(acting.actor, step.event, given)
    const { event } = step
    const asked = { event, payload }
    const judged = judge(acting.actor, payload)
    const { verdict } = judged
    const explained = await this.#explain(acting, event, payload)
    const reply = await this.#send(acting, event, payload)
    await this.#told(acting, asked, () => this.#checkExplained(explained, event, reply))
    await this.#told(acting, asked, () => hold(verdict, reply))
    const { hidden } = verdict
    if (hidden !== undefined) await this.#told(acting, asked, async () => this.#likeUnknown(acting, { ...asked, hidden }, reply))
    if (reply.error === undefined) {
      // Let pass, and yet the model cannot tell what came of it.
      if (verdict.must.length > 0 && judged.apply === nothing) throw new Lost()
      judged.apply(this.org)
      await this.#told(acting, asked, () => this.#checkReply(acting, judged, reply))
      if (event === 'auth-token-create') this.people.keep(acting.actor.user, reply, payload['permissions'])
    }
    const outcome = reply.error === undefined ? 'done' : `${reply.error.code} ${reply.error.permission ?? ''}`
    if (step.user !== 'keeper') tally(event, reply.error?.code ?? 'done')
    this.log.push(`${acting.name}: ${event} ${JSON.stringify(payload)} → ${outcome}`.replaceAll(this.#prefix, ''))
    if (step.user !== 'keeper') await Promise.all([this.#told(acting, asked, async () => this.people.review()), this.#checkRow(judged)])
  }

  /** An id that is there and cannot be read is answered like one that is not. */
  async #likeUnknown(acting: Acting, asked: { event: string; payload: Payload; hidden: string }, reply: Reply): Promise<void> {
    // Of a new row its id goes with it: whether it names itself or another row tells nothing.
    const isNew = asked.event.endsWith('-create')
    const unknown = JSON.parse(JSON.stringify(asked.payload, (key, value: unknown) =>
      (value === asked.hidden && (isNew || key !== 'id') ? `${this.#prefix}zz` : value))) as Payload
    const twin = await this.#send(acting, asked.event, unknown)
    const same = (one: Reply): string => one.error === undefined ? 'success' : `${one.error.code} ${one.error.permission ?? ''}`
    if (same(twin) !== same(reply))
      throw new Disagreement(
        `naming what cannot be read (${asked.hidden}) is answered ${brief(reply)}; naming what is not there ${brief(twin)}`,
      )
  }

  /** The reply to a change: the row as the actor may read it, by the rights of before or of now; `{ id }` if they may not. */
  #checkReply(acting: Acting, judged: Judged, reply: Reply): void {
    const wanted = judged.reply
    if (wanted === 'any') return
    const isBare = Object.keys(reply.body).join() === 'id' && reply.body['id'] === wanted.id
    if (!('resource' in wanted)) {
      if (!isBare) throw new Disagreement(`answered ${brief(reply)} instead of its id`)
      return
    }
    if (this.org.outside.has(wanted.id)) return
    const row = this.org.row(wanted.resource, wanted.id)
    if (row === undefined) throw new Error('the model has lost the row')
    const now = this.org.row('user', acting.actor.user.id)
    const eyes = [acting.actor, ...(now === undefined ? [] : [new Actor(this.org, now, acting.actor.only)])]
    const problems = eyes.map((actor) => {
      const gets = actor.gets(wanted.resource, row)
      if (isBare && gets !== 'yes') return []
      return gets === 'no' ? [`answered ${brief(reply)} to one who may not read it`] : differs(
        actor, { resource: wanted.resource, row }, reply.body,
      )
    })
    if (problems.every((list) => list.length > 0)) throw new Disagreement(`in the reply: ${problems.at(-1)?.join('; ') ?? ''}`)
  }

  /** Why the actor may, or may not, as the keeper is told just before; undefined where no one is asked. */
  async #explain(acting: Acting, event: string, payload: Payload): Promise<Values | undefined> {
    const { user, isToken } = acting.actor
    // A token's own limits are no matter of its user's rights.
    if (this.#lonely || isToken || user.id === this.#keeper.id) return undefined
    const about = aboutRow(event)
    const id = payload['id']
    const isThere = about === undefined || (typeof id === 'string' && this.org.row(about, id) !== undefined)
    const { body, error } = await this.#doors.http(
      'permission-explain', { userId: user.id, event, ...(about === undefined ? {} : { id }) }, this.#keeper.token,
    )
    if (error !== undefined && (isThere || error.code !== 'not_found')) throw new Error(`permission-explain of ${event}: ${error.text}`)
    return error === undefined ? body : undefined
  }

  #checkExplained(explained: Values | undefined, event: string, reply: Reply): void {
    const wrong = explained && contradiction(explained, event, reply)
    if (explained) tally('permission-explain', `${event} ${String(explained['allowed'])}`)
    if (wrong !== undefined) throw new Disagreement(wrong)
  }

  /** What the row has become, seen by the keeper, whatever was answered. */
  async #checkRow(judged: Judged): Promise<void> {
    if (this.#lonely || judged.reply === 'any' || !('resource' in judged.reply)) return
    const { resource, id } = judged.reply
    await this.look({ user: 'keeper', aim: 'anyone', token: false, socket: false, event: `${resource}-get`, payload: { id } })
  }

  async look(look: Look): Promise<void> {
    const payload = this.#resolve(look.payload) as Payload
    const page = pages[look.event]
    const query = queries[look.event]
    const judge = page ?? query
    if (judge === undefined) throw new Error(`there is no such query: ${look.event}`)
    const acting = await this.people.find({ ...look, user: look.user.replaceAll('~', this.#prefix) }, (actor) =>
      judge(actor, payload).verdict)
    if (acting === undefined) return
    await this.#told(acting, { event: look.event, payload }, async () => {
      if (page !== undefined) {
        const listed = page(acting.actor, payload)
        const reply = await this.#send(acting, look.event, { ...payload, limit: 100 })
        tally(look.event, reply.error?.code ?? 'done')
        hold(listed.verdict, reply)
        if (reply.error === undefined)
          await walk(acting.actor, listed, { first: reply.body, payload, ask: async (more) => this.#send(acting, look.event, more) })
      } else if (query !== undefined) {
        const asked = query(acting.actor, payload)
        const explained = look.event === 'permission-explain' || look.event === 'auth-me' ? undefined
          : await this.#explain(acting, look.event, payload)
        const reply = await this.#send(acting, look.event, payload)
        this.#checkExplained(explained, look.event, reply)
        tally(look.event, reply.error?.code ?? 'done')
        hold(asked.verdict, reply)
        const problems = reply.error === undefined ? asked.differs(reply.body) : []
        if (problems.length > 0) throw new Disagreement(problems.join('; '))
      }
    })
  }

  /** Everything, seen by the keeper, and everyone's effective rights. */
  async reckon(): Promise<void> {
    const keeper = { user: 'keeper', aim: 'anyone', token: false, socket: false } as const
    const links = (resource: 'user' | 'group', events: readonly string[]): Look[] =>
      this.org.rows(resource).filter(({ id }) => id !== this.#keeper.id).flatMap(({ id }) =>
        events.map((event) => ({ ...keeper, event, payload: { id, limit: 4 } })))
    await Promise.all([
      ...resources.map(async (resource) => this.look({
        ...keeper, event: `${resource}-list-request`, payload: { filter: { id: { in: [`own:${resource}`] } }, limit: 4 },
      })),
      ...[...links('group', ['group-members-request', 'group-responsibles-request']), ...links('user', ['user-permissions-request'])].map(
        async (each) => this.look(each),
      ),
      ...this.people.all().map(
        async ({ id }) => this.look({ user: id, aim: 'anyone', token: false, socket: false, event: 'auth-me', payload: {} }),
      ),
    ])
  }

  /** Fails unless a request by the keeper succeeds; the model plays no part in it. */
  async administer(event: string, payload: Payload): Promise<void> {
    const { error } = await this.#doors.http(event, payload, this.#keeper.token)
    if (error !== undefined) throw new Error(`${event} by the keeper: ${error.text}`)
  }
}
