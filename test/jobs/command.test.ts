// `npm run jobs -- failed` and `retry ID`: what was given up, as the operator sees it.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { onPostgres } from '../auth/on-house.ts'
import { program } from '../kit/program.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

onPostgres("the operator's view of jobs", (house) => {
  const run = async (...words: readonly string[]): Promise<{ code: unknown; out: string; err: string }> => {
    const env = { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', ...house.environment }
    const [node = '', ...rest] = program('main.ts')
    const child = spawn(node, [...rest, 'jobs', ...words], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] })
    let [out, err] = ['', '']
    child.stdout.setEncoding('utf8').on('data', (text: string) => void (out += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => void (err += text))
    const [code] = (await once(child, 'close')) as unknown[]
    return { code, out, err }
  }

  it('a mail that nobody can write is dead after one try, listed without its address, and can be tried again', async function () {
    this.timeout(90_000)
    const person = await house.person()
    const broken = `a\u0007${person.email}`
    await house.sql('update users set email = ? where id = ?', [broken, person.id])
    await house.sql("insert into jobs (name, id, payload, run_at) values ('auth.reset', 'the-one', jsonb_build_object('email', ?::text), now())", [broken])
    await house.mailsTo(broken)
    const job = () => house.sql("select attempts, failed_at is not null as failed from jobs where id = 'the-one'")
    expect(await job()).to.deep.equal([{ attempts: 1, failed: true }])
    const listed = await run('failed')
    expect(listed).to.include({ code: 0, err: '' })
    expect(listed.out).to.match(/auth\.reset {2}the-one {2}attempts 1/).and.not.include(person.email)
    await house.sql('update users set email = ? where id = ?', [person.email, person.id])
    await house.sql("update jobs set payload = jsonb_build_object('email', ?::text) where id = 'the-one'", [person.email])
    expect(await run('retry', 'the-one')).to.include({ code: 0 })
    expect(await house.mailsTo(person.email)).to.have.length(1)
    expect((await run('retry', 'the-one')).code).to.equal(1)
    expect((await run('sing')).code).to.equal(2)
  })
})
