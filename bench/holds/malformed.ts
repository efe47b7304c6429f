// What no client sends: requests and frames that are broken in every way, a hundred thousand of them.
import { connect as tcp } from 'node:net'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { WebSocket } from 'ws'
import { freePort } from '../../test/kit/port.ts'
import { randomOf, type Random } from '../../test/faults/storm/random.ts'
import { heapOf } from './heap.ts'
import { counted, ms, share, spread, type Hold, type Play, type Scenario } from './hold.ts'
import { asked, enter, inHouse } from './house.ts'

const events = ['user-create', 'site-update', 'auth-login', 'user-list-request', 'feed-listen', 'no-such-event', '__proto__', 'constructor', '']

const noise = (random: Random): string =>
  Array.from({ length: random.whole(60) }, () => String.fromCharCode(random.whole(random.chance(0.1) ? 0xffff : 127))).join('')

const deep = (random: Random): string => {
  const depth = 1 + random.whole(200)
  return random.chance(0.5) ? `${'['.repeat(depth)}${']'.repeat(depth)}` : `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`
}

/** Text that is meant as JSON. */
const json = (random: Random): string => random.pick([
  () => deep(random), () => JSON.stringify(noise(random)),
  () => `{"id":${random.pick(['null', '1e999', '"\\u0000"', '"\\ud800"', '[]', '{}'])}}`,
  () => `{"__proto__":{"root":true},"label":${JSON.stringify(noise(random))}}`,
  () => JSON.stringify({ limit: random.whole(1e9), page: -1, filter: { or: [{}] } }),
  () => `{"label":"${'x'.repeat(random.whole(5000))}"}`, () => noise(random), () => '',
  () => JSON.stringify(Array.from({ length: 1500 }, () => 0)),
  () => JSON.stringify({ since: noise(random), resources: [noise(random), 5], requestId: noise(random) }),
])()

const frame = (random: Random): string | Buffer => random.pick([
  () => `42${random.whole(99)}["${random.pick(events)}",${json(random)}]`, () => `42[${json(random)}]`, () => `42${json(random)}`,
  () => `4${random.whole(9)}${noise(random)}`, () => `${random.whole(9)}${noise(random)}`, () => noise(random),
  () => `45${random.whole(9)}-["user-create",{"_placeholder":true,"num":0}]`, () => Buffer.from(noise(random)),
  () => `40/${noise(random)},{"token":${json(random)}}`, () => `43${random.whole(1e9)}[${json(random)}]`,
  () => '42["site-changed",{}]', () => '2probe', () => '41',
])()

/** Frames over a socket, until the server closes it; then over another one. */
const frames = async (url: string, token: string, random: Random, count: number): Promise<number> => {
  let sockets = 0
  for (let left = count; left > 0;) {
    sockets += 1
    const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/socket.io/?EIO=4&transport=websocket`)
    socket.on('error', () => undefined)
    const isUp = await new Promise<boolean>((resolve) => void socket.once('open', () => resolve(true)).once('close', () => resolve(false)))
    if (!isUp) {
      await sleep(20)
      continue
    }
    const ended = once(socket, 'close')
    if (random.chance(0.8)) socket.send(random.chance(0.5) ? `40${JSON.stringify({ token })}` : '40/auth,')
    await sleep(5)
    for (let some = 1 + random.whole(40); some > 0 && left > 0 && socket.readyState === WebSocket.OPEN; some -= 1) {
      socket.send(frame(random))
      left -= 1
      if (random.chance(0.2)) await sleep(0)
    }
    if (socket.readyState === WebSocket.OPEN) socket.close()
    await Promise.race([ended, sleep(1000).then(() => socket.terminate())])
  }
  return sockets
}

const headers = ['content-type', 'authorization', 'content-encoding', 'transfer-encoding', 'origin', 'x-forwarded-for', 'upgrade']

/** Half a pair of UTF-16 has no encoding: it becomes the sign for what is broken. */
const encoded = (text: string): string => encodeURIComponent(Buffer.from(text).toString())

/** Bytes that are meant as HTTP. */
const request = (random: Random, token: string): string => {
  const method = random.pick(['POST', 'POST', 'POST', 'GET', 'PUT', 'BREW', noise(random)])
  const path = random.pick([
    ...events.map((event) => `/api/${event}`), `/api/${encoded(noise(random))}`, '/metrics',
    '/socket.io/?EIO=4&transport=polling', '/socket.io/?EIO=3', '/../../etc/passwd', '/%ff%fe', noise(random),
  ])
  const body = json(random)
  const value = (): string =>
    random.pick(['gzip', 'chunked', 'application/json', 'text/plain', `Bearer ${token}`, noise(random), 'websocket'])
  const more = Array.from({ length: random.whole(3) }, () => `${random.pick(headers)}: ${value()}\r\n`).join('')
  const length = random.chance(0.8) ? Buffer.byteLength(body) : random.whole(1e6)
  const fixed = 'Host: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n'
  return `${method} ${path} HTTP/1.1\r\n${fixed}${more}Content-Length: ${length}\r\n\r\n${body}`
}

const requests = async (url: string, token: string, random: Random, count: number): Promise<void> => {
  const { port } = new URL(url)
  for (let number = 0; number < count; number += 1) {
    const socket = tcp(Number(port), '127.0.0.1')
    socket.on('error', () => undefined)
    socket.resume()
    const ended = once(socket, 'close').catch(() => undefined)
    socket.write(request(random, token))
    // What promised more than it sends waits for the rest: the time of the server for that is not what is measured.
    await Promise.race([ended, sleep(200)])
    socket.destroy()
  }
}

const play = async (options: Play): Promise<readonly Hold[]> => {
  const inspector = await freePort()
  return inHouse(1, async (house) => {
    const { stage, url, admin } = house
    const count = share(options, 100_000)
    const workers = 20
    const each = (part: number): number => Math.ceil((count * part) / workers)
    const wave = async (stream: string, part: number): Promise<void> => {
      await Promise.all(Array.from({ length: workers }, async (_, worker) => {
        const random = randomOf(options.seed, `malformed ${stream} ${worker}`)
        await frames(url(0), admin, random, each(part * 0.7))
        await requests(url(0), admin, random, each(part * 0.3))
      }))
    }
    const pid = stage.places[0]?.node.pid()
    const settled = async (): Promise<number> => {
      await sleep(15_000)
      return heapOf(inspector)
    }
    // What the first of each kind make the server load and compile stays, and is no growth.
    await wave('first', 0.05)
    const before = await settled()
    const probe = await enter(house, 0)
    const probes: number[] = []
    let isOver = false
    const probing = (async () => {
      for (; !isOver; await sleep(100)) {
        const from = performance.now()
        await asked(probe, 'site-list-request', {})
        probes.push(performance.now() - from)
      }
    })()
    await wave('all', 1)
    isOver = true
    await probing
    probe.close()
    const growth = (await settled() - before) / 2 ** 20
    const lives = stage.places[0]?.node.pid() === pid && (await fetch(`${url(0)}/health/ready`)).status === 200
    const { max } = spread(probes)
    return [{
      name: 'malformed', what: `${counted(count)} malformed frames and requests`, bound: 'no crash, no hang, heap ≤ 30 MB larger after a collection',
      measured: `${lives ? 'the process lives and is ready' : 'the process has ended, or is not ready'}; ` +
        `a request beside them took ${ms(max)} at most; heap ${growth.toFixed(1)} MB larger`,
      holds: lives && growth <= 30 && max <= 5000, figures: { growth, before, probes: spread(probes) },
    }]
  }, { NODE_OPTIONS: `--inspect=127.0.0.1:${inspector}` })
}

export const malformed: Scenario = { name: 'malformed', minutes: 4, play }
