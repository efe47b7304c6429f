// Warnings before a password expires: once a user and password, to active users, only while expiry is turned on.
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import type { Person } from '../kit/test-server.ts'
import { onHouse } from './on-house.ts'

onHouse('warnings of expiring passwords', (house) => {
  const age = (person: Person, days: number) =>
    house.sql(`update credentials set password_changed_at = now() - interval '${days} days' where user_id = ?`, [person.id])

  /** Has the schedule run once more, and waits until it has. */
  const runSchedule = async (): Promise<void> => {
    await house.sql("update job_schedules set next_run = now() - interval '1 second' where name = 'auth.expiry-warnings'")
    for (const deadline = Date.now() + 20_000; Date.now() < deadline; await sleep(100)) {
      const [due] = await house.sql("select 1 as due from job_schedules where name = 'auth.expiry-warnings' and next_run <= now()")
      const [left] = await house.sql("select 1 as left from jobs where name = 'auth.expiry-warnings'")
      if (!due && !left) return
    }
    throw new Error('the schedule did not run')
  }
  const warnings = async (person: Person): Promise<string[]> =>
    (await house.mailsTo(person.email)).filter((mail) => mail.includes('expires in'))

  it('go to nobody while passwords do not expire', async () => {
    const person = await house.person()
    await age(person, 85)
    await runSchedule()
    expect(await warnings(person)).to.deep.equal([])
  })

  it('go once to an active user whose password is about to expire, and again for his next password', async () => {
    await house.set('account_password_expire', true)
    const [person, early, suspended] = [await house.person(), await house.person(), await house.person()]
    await age(person, 85)
    await age(early, 80)
    await age(suspended, 85)
    await house.ok('user-update', { id: suspended.id, status: 'suspended' }, house.admin)
    await runSchedule()
    await runSchedule()
    expect(await warnings(person)).to.have.length(1)
    expect((await warnings(person))[0]).to.include('expires in 5 days')
    expect(await warnings(early)).to.deep.equal([])
    expect(await warnings(suspended)).to.deep.equal([])
    await house.ok('user-update', { id: person.id, password: 'Third-Harbour-19-Copper' }, house.admin)
    await age(person, 89)
    await runSchedule()
    expect(await warnings(person)).to.have.length(2)
  })

  it('go to all others when one has an address to which no mail can be written', async () => {
    const [broken, person] = [await house.person(), await house.person()]
    await house.sql("update users set email = 'a' || chr(7) || ? where id = ?", [broken.email, broken.id])
    await age(broken, 85)
    await age(person, 85)
    await runSchedule()
    expect(await warnings(person)).to.have.length(1)
    expect(house.log.lines.filter(({ message }) => message.includes('no warning can be sent')).map(({ details }) => details))
      .to.deep.include({ userId: broken.id })
  })

  it('go out earlier when the setting says so', async () => {
    await house.set('account_password_expire_warning_days', 20)
    const person = await house.person()
    await age(person, 75)
    await runSchedule()
    expect(await warnings(person)).to.have.length(1)
  })
})
