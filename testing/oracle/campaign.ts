// Plays many random organisations on one server until the steps are spent; a failure is shrunk to a few steps and can be played again.

import fc from 'fast-check'
import { administrator } from '../ready.ts'
import { Disagreement, Lost } from './disagreement.ts'
import { Doors } from './doors.ts'
import { foundation, waves } from './foundation.ts'
import type { Keeper } from './people.ts'
import type { Further } from './organisation.ts'
import { Player } from './player.ts'
import { isValues } from './shape.ts'
import { isSurvey, summary, tallies } from './survey.ts'
import { shrink, write } from './shrink.ts'
import type { Case } from './shrink.ts'
import { step } from './steps.ts'

/** A server of an app, on a database of its own. */
export interface Played {
  readonly url: string
  /** Fails if it has ended by itself. */
  check?(): void
  /** Ends it, and takes its database away. */
  stop(): Promise<void>
}

export interface Campaign {
  /** Starts a server with the first administrator in it; another one where the last holder of `root` of one was lost. */
  open(): Promise<Played>
  /** What the app adds to rows of which the model knows. */
  readonly further: Further
  /** What the environment of a failure has, beside the case, to be played again. */
  readonly where: string
  readonly steps: number
  readonly seed: number
  /** Organisations whose holders of `root` are the only active ones on their server. */
  readonly lonely: boolean
  /** Where to begin in the sequence of the seed: that of a failure plays it alone. */
  readonly path: string | undefined
  /** One case to be played instead, as a failure printed it. */
  readonly given: Case | undefined
}

/** As long as random steps still find someone who may do something. */
const longest = 300
/** An access token lives 15 minutes. */
const renewal = 8 * 60_000
/** Milliseconds that a failure is shrunk for. */
const shrinking = Number(process.env['ORACLE_SHRINK'] ?? 60) * 1_000

/** Organisations played at a time: what one waits for, the others use. */
const most = 6

let organisations = 0

interface Failure {
  readonly error: unknown
  readonly log: readonly string[]
  /** The step that fails. */
  readonly at: number
  readonly given: Case
  /** The seed and path that made it. */
  readonly from: string | undefined
}

interface Place {
  readonly server: Played
  readonly doors: Doors
  keeper: Keeper
  since: number
}

async function enter(doors: Doors): Promise<Keeper> {
  const { body, error } = await doors.http('auth-login', administrator)
  const { user, accessToken } = body
  if (!isValues(user)) throw new Error(`the first administrator cannot log in: ${error?.text ?? JSON.stringify(body)}`)
  return { id: String(user['id']), token: String(accessToken) }
}

async function openPlace({ open }: Campaign): Promise<Place> {
  const server = await open()
  const doors = new Doors(server.url)
  return { server, doors, keeper: await enter(doors), since: Date.now() }
}

async function close(place: Place): Promise<void> {
  await place.doors.close()
  await place.server.stop()
}

const denial = { permissionId: 'root', deny: true }

/** Takes `root` from the keeper, by the first user. */
async function dismissKeeper(player: Player, keeper: Keeper): Promise<void> {
  await player.play({
    user: '~u0', aim: 'anyone', token: false, socket: false, event: 'user-add-permission',
    payload: { id: keeper.id, ...denial }, looks: [],
  })
}

/** Gives it back, by someone whole, and leaves no other holder of it behind; false when no one can. */
async function restoreKeeper(player: Player, keeper: Keeper): Promise<boolean> {
  const { org } = player
  const whole = player.people.all().find((user) => {
    const { granted, denied } = org.grantsOf(user)
    return denied.length === 0 && granted.some((grant) => grant.key === 'root' && grant.scope === null)
  })
  if (whole === undefined) return false
  await player.play({
    user: whole.id, aim: 'anyone', token: false, socket: false, event: 'user-remove-permission',
    payload: { id: keeper.id, ...denial }, looks: [],
  })
  await player.reckon()
  const active = org.rows('user').filter((user) => user.status === 'active' && user.id !== keeper.id)
  for (const { id } of active) await player.administer('user-update', { id, status: 'archived' })
  return true
}

/** Rows that every organisation has, made with nothing particular. */
const isPlain = new RegExp(`^keeper: (?:${[
  '(?:site|permission|group)-create', 'role-create .*"permissions":\\[\\]\\}', 'department-create .*"siteId":null,"parentId":null\\}',
  'user-create .*"siteId":null,"departmentId":null,"roles":\\[\\],"status":"active"',
].join('|')})`)

/** Plays. @throws Error with the report of the first disagreement, shrunk */
export async function play(campaign: Campaign): Promise<{ readonly steps: number; readonly organisations: number }> {
  const { lonely, further } = campaign
  let place: Place | undefined = await openPlace(campaign)
  let played = 0
  let runs = 0
  /** The first failure; with it every lane stops. */
  const found: { failure?: Failure } = {}
  const failed = (): Failure | undefined => found.failure

  /** Plays one organisation, and says where and why it fails. */
  const organisation = async ({ foundation: foundations, steps }: Case): Promise<Failure | undefined> => {
    place ??= await openPlace(campaign)
    if (Date.now() - place.since > renewal) {
      place.since = Date.now()
      place.keeper = await enter(place.doors)
    }
    const { doors, keeper } = place
    const player = new Player(doors, keeper, `o${(organisations += 1).toString(36)}-`, { lonely, further })
    let isRestored = false
    let at = -1
    try {
      for (const wave of waves(foundations)) await player.playTogether(wave)
      if (lonely) await dismissKeeper(player, keeper)
      for (const each of steps) {
        at += 1
        await player.play(each)
        played += 1
      }
      at += 1
      if (lonely) isRestored = await restoreKeeper(player, keeper)
      else await player.reckon()
      runs += 1
    } catch (error) {
      place.server.check?.()
      if (error instanceof Lost) return undefined
      return { error, log: player.log, at, given: { foundation: foundations, steps }, from: undefined }
    } finally {
      await player.people.leave()
      if (lonely && !isRestored) {
        await close(place)
        place = undefined
      }
    }
    return undefined
  }

  let { seed } = campaign
  const playLane = async (): Promise<void> => {
  const property = fc.asyncProperty(
    fc.array(step, { maxLength: longest, size: 'max' }), foundation({ lonely }),
    async (steps, foundations) => {
      if (found.failure !== undefined || played >= campaign.steps) return
      const left = campaign.path === undefined ? campaign.steps - played : longest
      const here = await organisation({ foundation: foundations, steps: steps.slice(0, left) })
      if (here === undefined) return
      found.failure ??= here
      throw here.error
    })
    while (played < campaign.steps && failed() === undefined) {
      const from = seed
      seed += 1
      const { path } = campaign
      const details = await fc.check(property, {
        seed: from, numRuns: path === undefined ? 10 : 1, endOnFailure: true, unbiased: true,
        ...(path === undefined ? {} : { path }),
      })
      const failure = failed()
      if (failure !== undefined && failure.error === details.errorInstance)
        found.failure = { ...failure, from: `ORACLE_SEED=${from} ORACLE_PATH=${details.counterexamplePath ?? ''}` }
      if (path !== undefined) break
    }
  }
  try {
    const isAlone = lonely || campaign.path !== undefined || campaign.steps < longest
    if (campaign.given === undefined) await Promise.all(Array.from({ length: isAlone ? 1 : most }, async () => playLane()))
    const failure = campaign.given === undefined ? failed() : await organisation(campaign.given)
    if (failure !== undefined) throw new Error(await shrunk(failure, campaign, organisation))
    if (isSurvey) process.stderr.write(`${tallies()}\n`)
    if (isSurvey && summary() !== '') throw new Error(`The kinds of disagreement:\n${summary()}`)
    return { steps: played, organisations: runs }
  } finally {
    if (place !== undefined) await close(place)
  }
}

/** What is told of a failure: its shrunk steps, and how to play it again. */
async function shrunk(first: Failure, campaign: Campaign, organisation: (given: Case) => Promise<Failure | undefined>): Promise<string> {
  let last = first
  const attempt = async (given: Case): Promise<number | undefined> => {
    const failed = await organisation(given)
    if (failed !== undefined) last = failed
    return failed?.at
  }
  const given = await shrink(first.given, first.at, { attempt, until: Date.now() + shrinking })
  const where = `${campaign.lonely ? 'ORACLE_LONELY=1 ' : ''}${campaign.where}`
  const { error } = last
  const what = error instanceof Disagreement ? error.message : error instanceof Error ? error.stack ?? error.message : String(error)
  const lines = last.log.filter((line) => !isPlain.test(line))
  const foundBy = `Found by ${first.from ?? 'ORACLE_CASE'}. The ${given.steps.length} steps that are left, after what the keeper made:`
  return [what, foundBy, ...lines, `Again: ${where} ORACLE_CASE=${write(given)}`].join('\n')
}
