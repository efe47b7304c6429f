// Races for a value that only one row may have: one wins, the others get a conflict that names the field.
import { expect } from 'chai'
import type { Fields, Reply } from './client.ts'
import { barrier, parallel } from '../kit/wait.ts'
import { caught, describeRaces, successes } from './harness.ts'

const many = 50
const rounds = 10

/** A way of writing the same address: bit by bit of `seed`, upper or lower case. */
const mixedCase = (text: string, seed: number): string =>
  Array.from(text, (letter, index) => ((seed >> (index % 6)) & 1 ? letter.toUpperCase() : letter)).join('')

describeRaces('one value for one row', 2, (arena) => {
  const expectOneWinner = (replies: readonly Reply[], ...fields: readonly string[]): void => {
    arena.onlyCodes(replies, 'conflict')
    expect(successes(replies)).to.equal(1)
    for (const reply of replies) {
      if (!reply.ok) expect((reply.details as { fields: string[] }).fields, JSON.stringify(reply)).to.include.members([...fields])
    }
  }

  const race = (event: string, payload: (index: number) => Fields): Promise<Reply[]> =>
    parallel(many, (index) => arena.ask(event, payload(index), { node: index }))

  const person = (email: string): Fields => ({ firstName: 'Jo', lastName: 'Same', email })

  const sameAddress = async (table: string, address: string): Promise<number> =>
    (await arena.sql(`select 1 from ${table} where lower(email) = lower($1)`, [address])).length

  it('the check catches a plain unique key, and look-then-insert', async () => {
    await arena.sql('create table plain (email text unique); create table bare (email text)')
    let [byCase, byRace] = [0, 0]
    for (let round = 0; round < rounds; round += 1) {
      const address = `same${round}@example.com`
      await parallel(4, (index) => arena.sql('insert into plain values ($1) on conflict do nothing', [mixedCase(address, index)]))
      if ((await sameAddress('plain', address)) !== 1) byCase += 1
      const passed = barrier(4)
      await parallel(4, async (index) => {
        const found = await sameAddress('bare', address)
        await passed()
        if (found === 0) await arena.sql('insert into bare values ($1)', [mixedCase(address, index)])
      })
      if ((await sameAddress('bare', address)) !== 1) byRace += 1
    }
    caught('unique (email), which tells case apart', byCase, rounds)
    caught('look for the address, then insert', byRace, rounds)
  })

  it('user-create: one address in every case, ×50', async () => {
    for (let round = 0; round < 3; round += 1) {
      const address = `jo.same.${round}@example.com`
      expectOneWinner(await race('user-create', (index) => person(mixedCase(address, index + 1))), 'email')
      const rows = await arena.sql<{ email: string }>('select email from users where lower(email) = $1', [address])
      expect(rows).to.deep.equal([{ email: address }])
    }
  })

  it('user-update: fifty people want one address', async () => {
    const ids = await parallel(many, async (index) => String((await arena.must('user-create', person(`mover${index}@example.com`)))['id']))
    expectOneWinner(await race('user-update', (index) => ({ id: ids[index], email: mixedCase('coveted@example.com', index) })), 'email')
    expect(await sameAddress('users', 'coveted@example.com')).to.equal(1)
  })

  it('one address, half by user-create and half by user-update', async () => {
    const ids = await parallel(many / 2, async (index) =>
      String((await arena.must('user-create', person(`half${index}@example.com`)))['id']))
    const replies = await Promise.all([
      ...ids.map((id, index) => arena.ask('user-update', { id, email: mixedCase('both@example.com', index) }, { node: index })),
      ...ids.map((_, index) => arena.ask('user-create', person(mixedCase('both@example.com', index + 7)), { node: index })),
    ])
    expectOneWinner(replies, 'email')
  })

  it('a given id: fifty creates, one row, its content never overwritten', async () => {
    const replies = await race('site-create', (index) => ({ id: 'wanted', label: `number ${index}` }))
    expectOneWinner(replies, 'id')
    const winner = replies.findIndex((reply) => reply.ok)
    const rows = await arena.sql<{ label: string; version: string }>(`select label, version from sites where id = 'wanted'`)
    expect(rows.map((row) => [row.label, Number(row.version)])).to.deep.equal([[`number ${winner}`, 1]])
  })

  it('ids are unique across sites and departments', async () => {
    for (let round = 0; round < 5; round += 1) {
      const id = `both-${round}`
      const replies = await parallel(20, (index) =>
        arena.ask(index % 2 === 0 ? 'site-create' : 'department-create', { id, label: id }, { node: index }))
      expectOneWinner(replies, 'id')
      expect(await arena.sql('select id from sites where id = $1 union all select id from departments where id = $1', [id])).to.have.length(1)
    }
  })

  it('permissionKey: fifty creates', async () => {
    expectOneWinner(await race('permission-create', () => ({ permissionKey: 'fly-to-the-moon' })), 'permissionKey')
  })
})
