// A process with many sockets that stay: they hear everything, come back after a loss as standard clients do, or stop reading.
// Started by crowd.ts.
import { setTimeout as sleep } from 'node:timers/promises'
import { connect, type Wire } from '../load/wire.ts'
import type { FromCrowd, Order, Standing, ToCrowd } from './crowd.ts'

const now = (): number => Number(process.hrtime.bigint()) / 1e6

interface Member {
  readonly token: string
  wire?: Wire
  cursor?: { readonly epoch: string; readonly pos: number }
}

const members: Member[] = []
const counts = { closes: 0, refusals: 0, heard: 0, resyncs: 0, disordered: 0, answers: 0, fullAt: 0, lastAt: 0, lastCloseAt: 0 }
let urls: readonly string[] = []
let isReturning = true

const open = (): number => members.filter(({ wire }) => wire !== undefined).length

const hear = (member: Member, frame: string): void => {
  const change = /^\["[\w-]+-changed",.*"pos":(\d+)/.exec(frame)
  if (change) {
    const pos = Number(change[1])
    counts.heard += 1
    counts.lastAt = now()
    if (member.cursor && pos <= member.cursor.pos) counts.disordered += 1
    member.cursor = { epoch: member.cursor?.epoch ?? '', pos }
  } else if (frame.startsWith('["session",')) {
    const [, { feed }] = JSON.parse(frame) as [string, { feed: { epoch: string; pos: number } }]
    member.cursor ??= feed
  } else if (frame.startsWith('["feed-resync",')) {
    const [, feed] = JSON.parse(frame) as [string, { epoch: string; pos: number }]
    counts.resyncs += 1
    member.cursor = feed
  }
}

const enter = async (member: Member, turn: number): Promise<void> => {
  const auth = { token: member.token, ...(member.cursor ? { since: member.cursor } : {}) }
  const wire = await connect(urls[turn % urls.length] ?? '', { auth, ready: 'session', onFrame: (frame) => hear(member, frame) })
  member.wire = wire
  wire.onClose(() => {
    delete member.wire
    counts.closes += 1
    counts.lastCloseAt = now()
    if (isReturning) void comeBack(member)
  })
  if (open() === members.length) counts.fullAt = now()
}

/** As socket.io-client does: after about a second, twice as long each time, up to five. */
const comeBack = async (member: Member): Promise<void> => {
  for (let turn = 1, pause = 1000; isReturning; turn += 1, pause = Math.min(5000, pause * 2)) {
    await sleep(pause * (0.5 + Math.random()))
    try {
      return await enter(member, turn)
    } catch {
      counts.refusals += 1
    }
  }
}

/** Asks over and over what anyone may ask, so many at a time. */
const flood = async (url: string, count: number): Promise<void> => {
  const each = 50
  const requests: readonly (readonly [string, object])[] = [
    ['auth-refresh', { refreshToken: 'y'.repeat(43) }], ['auth-login', { email: 'nobody@example.com', password: 'Not-The-Right-1' }],
    ['invitation-fetch', { token: 'y'.repeat(43) }], ['auth-request-reset', { email: 'nobody@example.com' }],
  ]
  await Promise.all(Array.from({ length: Math.ceil(count / each) }, async () => {
    const wire = await connect(url, { namespace: '/auth' })
    members.push({ token: '', wire })
    wire.onClose(() => void (counts.closes += 1))
    for (let index = 0; index < each; index += 1) void (async () => {
      for (let turn = index; ; turn += 1) {
        const [event, payload] = requests[turn % requests.length] ?? ['ping', {}]
        await wire.ask(event, payload)
        counts.answers += 1
      }
    })().catch(() => undefined)
  }))
}

const fill = async ({ tokens, count, atOnce, ...order }: Order): Promise<void> => {
  ({ urls, isReturning = true } = order)
  const mine = Array.from({ length: count }, (_, index): Member => ({ token: tokens[index % tokens.length] ?? '' }))
  members.push(...mine)
  const left = [...mine]
  await Promise.all(Array.from({ length: atOnce }, async () => {
    for (let member = left.pop(); member; member = left.pop()) await enter(member, 0)
  }))
}

const standing = (): Standing => ({
  open: open(), members: members.length, reached: Math.min(...members.map(({ cursor }) => cursor?.pos ?? Infinity)), ...counts,
})

const obey = async (message: ToCrowd): Promise<void> => {
  if (message.kind === 'open') await fill(message.order)
  else if (message.kind === 'flood') await flood(message.url, message.count)
  else if (message.kind === 'deaf') for (const { wire } of members) wire?.pause()
}

const tell = (message: FromCrowd): void => void process.send?.(message)

process.on('message', (message: ToCrowd) => void obey(message).then(
  () => tell({ standing: standing() }), (error: unknown) => tell({ failed: String(error) })))
process.on('disconnect', () => process.exit(0))
