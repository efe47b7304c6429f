// Real servers on one PostgreSQL, ten clients at work, observers beside them, and random faults: the promise of the protocol holds.
import { expect } from 'chai'
import { chosen } from '../kit/databases.ts'
import { cleanUp } from '../kit/place.ts'
import { testDatabaseUrl } from '../kit/ready.ts'
import { lacking } from './cluster.ts'
import { checkers } from './storm/checkers.ts'
import { setStage, type Stage } from './storm/stage.ts'
import { storm, type Storm } from './storm/storm.ts'
import { forecast } from './storm/weather.ts'

const given = process.env['FAULTS_SECONDS']
const seconds = Number(given ?? 12)
const seed = Number(process.env['FAULTS_SEED'] ?? Date.now() % 1_000_000_000)
/** Its cluster is its own; but who runs tests without PostgreSQL did not ask for it. */
const isWanted = given !== undefined || (testDatabaseUrl !== '' && chosen().includes('postgres'))

describe(`faults: a storm of ${seconds} s (FAULTS_SEED=${seed})`, () => {
  if (!isWanted) return void it('skipped: neither TEST_DATABASE_URL nor FAULTS_SECONDS is set')
  if (lacking !== undefined) return void it(`skipped: ${lacking}`)
  const parts: { stage?: Stage; storm?: Storm } = {}

  before(async function () {
    this.timeout(900_000 + seconds * 3000)
    const stage = await setStage(3)
    const isLong = seconds >= 60
    try {
      parts.storm = await storm(stage, {
        seed, duration: seconds * 1000, clients: 10, pause: 150,
        planned: forecast(seed, { nodes: [1, 2], duration: seconds * 1000, gap: isLong ? 1500 : 700, longest: isLong ? 7000 : 1800 }),
      })
    } catch (error) {
      process.stdout.write(`${stage.places.map(({ node }, index) => `node ${index}:\n${node.words().slice(-3000)}`).join('\n')}\n`)
      throw error
    }
    const { faults, figures } = parts.storm
    const counts = Object.entries(figures).map(([name, value]) => `${value} ${name}`).join(', ')
    process.stdout.write(`        ${counts}\n        ${faults.join('; ')}\n`)
  })

  after(async function () {
    this.timeout(120_000)
    await cleanUp()
  })

  const done = (): Storm => {
    if (!parts.storm) throw new Error('the storm did not come to an end')
    return parts.storm
  }

  it('all clients got on, and the faults came', () => {
    const { history: { attempts }, faults } = done()
    expect(new Set(attempts.map(({ requestId }) => requestId.split('-')[1])).size, 'clients that got on').to.equal(10)
    expect(faults).to.not.have.length(0)
  })

  it('nothing happened that no fault excuses', () => expect(done().strange.slice(0, 10)).to.deep.equal([]))

  for (const [name, title] of Object.entries({
    lost: 'no acknowledged write is lost', refused: 'no valid request is refused', doubled: 'no repetition acts twice',
    missed: 'no change is missed', inverted: 'no one hears of an older version after a newer one', disordered: 'there is one order for all',
    diverged: 'what each observer has, is what the database has',
  } satisfies Record<keyof typeof checkers, string>)) {
    it(title, () => expect(checkers[name as keyof typeof checkers](done().history).slice(0, 10)).to.deep.equal([]))
  }
})
