// Alerts: one entry and one mail to each holder of root, once a window and cause, whoever looks and however often.
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { onAnyDatabase } from '../kit/databases.ts'
import { eventually } from '../wire/support/wire.ts'
import { AuditWorld, type Stored } from './audit-world.ts'

onAnyDatabase('audit: alerts', (kind) => {
  const world = new AuditWorld(kind)
  beforeEach(() => world.open())
  afterEach(() => world.close())

  const raised = async (): Promise<Stored[]> => (await world.entries()).filter(({ action }) => action === 'security.alert')

  const fail = async (times: number): Promise<void> => {
    for (let index = 0; index < times; index += 1)
      await world.no('unauthenticated', 'auth-login', { email: `nobody-${index}@example.com`, password: 'wrong' })
  }

  /** To whom mails went, as files show where no server sends them. */
  const recipients = async (): Promise<string[]> => {
    const folder = join(world.dataDir, 'mail')
    const names = existsSync(folder) ? await readdir(folder) : []
    const mails = await Promise.all(names.filter((name) => name.endsWith('.eml')).map((name) => readFile(join(folder, name), 'utf8')))
    return mails.map((text) => /^To: .*?([^\s<>]+@[^\s<>]+)/im.exec(text)?.[1] ?? '').toSorted()
  }

  /** A failure as a lockout leaves it. */
  const lock = async (): Promise<void> => {
    await world.server.run((call) => world.services.append(call, {
      actorId: null, actorType: 'anonymous', action: 'auth-login', level: 'warning', category: 'auth', targetType: 'user', targetId: 'x',
      details: { error: 'unauthenticated', reason: 'locked' }, ipAddress: null, userAgent: null, requestId: null,
    }))
  }

  it('failed log-ins at the threshold raise one, and only one', async () => {
    await world.ok('config-update', { key: 'failed_login_alert_threshold', value: 4 }, world.admin)
    await fail(3)
    await world.look()
    expect(await raised()).to.deep.equal([])
    await fail(1)
    await Promise.all([world.look(), world.look(), world.look()])
    await fail(5)
    await world.look()
    const [alert, ...more] = await raised()
    expect(more).to.deep.equal([])
    expect(alert).to.include({
      level: 'critical', category: 'alerts', actor_type: 'system', target_type: 'alert', target_id: 'failed-logins',
    })
    expect(alert?.details).to.deep.equal({ cause: 'failed-logins', count: 4, minutes: 15 })
  })

  it('lockouts are a cause of their own, with a threshold of their own', async () => {
    await world.ok('config-update', { key: 'lockout_alert_threshold', value: 2 }, world.admin)
    await lock()
    await world.look()
    expect(await raised()).to.deep.equal([])
    await lock()
    await world.look()
    expect((await raised()).map(({ target_id: cause }) => cause)).to.deep.equal(['lockouts'])
  })

  it('the window is a setting, and a new one raises again', async () => {
    await world.ok('config-update', { key: 'failed_login_alert_threshold', value: 2 }, world.admin)
    await world.ok('config-update', { key: 'failed_login_time_window', value: 60 }, world.admin)
    const old = async (action: string): Promise<void> => {
      await world.sql(`insert into audit_entries (at, id, actor_type, action, level, category, target_id, details, mac)
        select now() - interval '30 minutes', gen_random_uuid()::text, 'anonymous', ?, 'warning', 'auth', 'failed-logins', '{}', 'x'`, [
          action,
        ])
    }
    await world.sql("select audit_partition(now() - interval '30 minutes')")
    await old('auth-login')
    await old('auth-login')
    await world.look()
    expect(await raised()).to.have.length(1)
    // As if that alert, too, had been raised half an hour ago: within another window nothing is left of it.
    await world.ok('config-update', { key: 'failed_login_time_window', value: 10 }, world.admin)
    await world.sql('alter table audit_entries disable trigger user')
    await world.sql("update audit_entries set at = at - interval '20 minutes' where action = 'security.alert'")
    await world.look()
    expect(await raised()).to.have.length(1)
    await fail(2)
    await world.look()
    expect(await raised()).to.have.length(2)
  })

  it('mails every active holder of root, once', async () => {
    const { id } = await world.ok(
      'user-create', { firstName: 'R', lastName: 'T', email: 'second-root@example.com', locale: 'fr' }, world.admin,
    )
    await world.ok('user-add-permission', { id, permissionId: 'root' }, world.admin)
    const { id: idle } = await world.ok('user-create', { firstName: 'I', lastName: 'D', email: 'idle-root@example.com' }, world.admin)
    await world.ok('user-add-permission', { id: idle, permissionId: 'root' }, world.admin)
    await world.ok('user-update', { id: idle, status: 'suspended' }, world.admin)
    await world.ok('user-create', { firstName: 'N', lastName: 'O', email: 'no-root@example.com' }, world.admin)
    await world.ok('config-update', { key: 'failed_login_alert_threshold', value: 1 }, world.admin)
    await fail(1)
    await world.look()
    await world.look()
    await eventually(async () => expect(await recipients()).to.deep.equal(['admin@example.com', 'second-root@example.com']))
    expect(await raised()).to.have.length(1)
  })

  it('settings out of their bounds are refused', async () => {
    for (const [key, values] of Object.entries({
      failed_login_alert_threshold: [0, -1, 1e9, 1.5, '10'], lockout_alert_threshold: [0, 1e9], failed_login_time_window: [0, 1441],
      audit_retention_days: [0, 3651, 1.5, null],
    })) for (const value of values) await world.no('invalid_payload', 'config-update', { key, value }, world.admin)
    await world.ok('config-update', { key: 'audit_retention_days', value: 3650 }, world.admin)
  })
})
