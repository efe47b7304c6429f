// Nodes that are killed, and a database that is restarted, under clients at work: storms of one kind of fault.
import { cpSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { PGlite } from '@electric-sql/pglite'
import { pg_trgm } from '@electric-sql/pglite/contrib/pg_trgm'
import { freePort } from '../../test/kit/port.ts'
import { startProxy } from '../../test/faults/proxy.ts'
import { checkers } from '../../test/faults/storm/checkers.ts'
import { createNode } from '../../test/faults/storm/node.ts'
import type { Stage } from '../../test/faults/storm/stage.ts'
import { storm, type Storm } from '../../test/faults/storm/storm.ts'
import type { Planned } from '../../test/faults/storm/weather.ts'
import { cleanUp, freshPlace, temporaryDirectory, undoLater } from '../../test/kit/place.ts'
import { administrator } from '../../test/kit/ready.ts'
import { post } from '../../test/races/client.ts'
import { counted, ms, share, spread, type Hold, type Play, type Scenario } from './hold.ts'
import { inHouse, logIn } from './house.ts'

const writers = 20

const judge = ({ history, strange, figures }: Storm) => {
  const faults = Object.fromEntries(Object.entries(checkers).map(([name, find]) => [name, find(history)]))
  const counts = Object.entries(faults).map(([name, found]) => `${found.length} ${name}`).join(', ')
  const examples = [...strange, ...Object.values(faults).flat()].slice(0, 20)
  return {
    holds: examples.length === 0,
    measured: `${counted(figures['operations'] ?? 0)} operations; ${counts}${strange.length > 0 ? `, ${strange.length} strange` : ''}`,
    figures: { ...figures, ...Object.fromEntries(Object.entries(faults).map(([name, found]) => [name, found.length])), examples },
  }
}

const killing = (count: number, nodes: readonly number[], gap: number): Planned[] => Array.from({ length: count }, (_, index) => ({
  fault: { kind: 'kill', node: nodes[index % nodes.length] ?? 0 }, at: (index + 1) * gap, lasting: 200,
}))

const onPostgres = async (play: Play): Promise<Hold> => {
  const kills = share(play, 30)
  return inHouse(3, async ({ stage }) => {
    const gap = 2500
    const played = await storm(stage, {
      seed: play.seed, duration: (kills + 1) * gap, clients: writers, pause: 50, planned: killing(kills, [1, 2], gap),
    })
    return {
      name: 'kills', what: `kill -9 of a node × ${kills} under ${writers} writers, three nodes`,
      bound: '0 lost, 0 missed, 0 inverted', ...judge(played),
    }
  })
}

/** A server with the embedded database; what is in that, a copy of its files tells, made while the server stands still. */
const setEmbeddedStage = async (): Promise<Stage> => {
  const place = await freshPlace('embedded')
  undoLater(() => place.remove())
  const { environment } = place
  const port = await freePort()
  const node = createNode({ ...environment, PORT: String(port), LOG_LEVEL: 'error', JWT_ACCESS_TOKEN_DURATION: '12h' })
  const clients = await startProxy(port)
  undoLater(async () => {
    await clients.close()
    await node.signal('SIGKILL')
  })
  await node.start()
  const strange: string[] = []
  return {
    // The same one twice: at its own address and at that of the link.
    places: [{ node, clients }, { node, clients }], strange,
    async begin(fault) {
      if (fault.kind !== 'kill') throw new Error('only kills')
      if (await node.signal('SIGKILL') !== null) strange.push('the node had ended by itself')
      return () => node.start()
    },
    async sql<R>(text: string, values: readonly unknown[] = []) {
      const copy = join(await temporaryDirectory(), 'database')
      await node.signal('SIGSTOP')
      await sleep(50)
      cpSync(join(environment['DATA_DIR'] ?? '', 'database'), copy, { recursive: true })
      await node.signal('SIGCONT')
      const engine = await PGlite.create({ dataDir: copy, extensions: { pg_trgm } })
      try {
        return (await engine.query<R>(text, [...values])).rows
      } finally {
        await engine.close()
        await rm(copy, { recursive: true, force: true })
      }
    },
  }
}

const onEmbedded = async (play: Play): Promise<Hold> => {
  const kills = share(play, 30)
  const gap = 6000
  try {
    const played = await storm(await setEmbeddedStage(), {
      seed: play.seed, duration: (kills + 1) * gap, clients: writers, pause: 50, planned: killing(kills, [1], gap),
    })
    return {
      name: 'kills, embedded', what: `kill -9 × ${kills} of the one node on the embedded database, under ${writers} writers`,
      bound: '0 lost, 0 missed, 0 inverted', ...judge(played),
    }
  } finally {
    await cleanUp()
  }
}

const restarts = async (play: Play): Promise<Hold> => {
  const count = share(play, 10)
  return inHouse(3, async ({ stage, url }) => {
    const token = await logIn(url(0), administrator)
    const served: number[] = []
    const serves = async (node: number, from: number): Promise<void> => {
      for (let number = 0; ; number += 1) {
        const id = `served-${node}-${Math.round(from)}-${number}`
        const reply = await post(url(node), 'site-create', { id, label: id }, token).catch(() => undefined)
        if (reply?.ok === true) return void served.push(performance.now() - from)
        if (reply && reply.code !== 'unavailable') throw new Error(`a write was answered ${reply.code}`)
        await sleep(20)
      }
    }
    const begin: typeof stage.begin = async (fault) => {
      const end = await stage.begin(fault)
      return async () => {
        await end()
        const from = performance.now()
        await Promise.all(stage.places.map((_, node) => serves(node, from)))
      }
    }
    const gap = 6000
    const planned: Planned[] = Array.from({ length: count }, (_, index) =>
      ({ fault: { kind: 'database restart' }, at: (index + 1) * gap, lasting: 1000 }))
    const pids = stage.places.map(({ node }) => node.pid())
    const played = await storm({ ...stage, begin }, { seed: play.seed, duration: (count + 1) * gap, clients: writers, pause: 50, planned })
    const judged = judge(played)
    const { max } = spread(served)
    const lives = stage.places.every(({ node }, index) => node.pid() === pids[index])
    return {
      name: 'restart', what: `PostgreSQL stopped as by a power cut × ${count} under ${writers} writers, three nodes`,
      bound: 'processes live; a write served within 5 s of the database; 0 acknowledged lost',
      measured: `${lives ? 'all live' : 'a process ended'}; served after ${ms(max)} at most; ${judged.measured}`,
      holds: judged.holds && lives && max <= 5000, figures: { ...judged.figures, served },
    }
  })
}

export const kills: Scenario = { name: 'kills', minutes: 2, play: async (play) => [await onPostgres(play)] }
export const embeddedKills: Scenario = { name: 'embedded', minutes: 4, play: async (play) => [await onEmbedded(play)] }
export const databaseRestart: Scenario = { name: 'restart', minutes: 2, play: async (play) => [await restarts(play)] }
