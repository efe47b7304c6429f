// `npm run describe`: who touches an event, a resource, a plugin, on one screen, and with the files that a reader would open.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { app } from '../../app.ts'
import { describeOperation } from '../../core/describe/chain.ts'
import { describePlugin, describeResource } from '../../core/describe/owners.ts'
import { fileOf } from '../../core/define/declared.ts'
import { root } from '../docs/markdown.ts'
import { run } from '../docs/processes.ts'
import { freshEnvironment, cleanUp } from '../kit/place.ts'
import { program } from '../kit/program.ts'
import { compiled } from '../kit/server.ts'

/** Lines of a terminal, and what one takes in without scrolling back. */
const screen = 40

describe('boot: npm run describe', () => {
  const assembly = compiled(app)
  const { operations, resources, contributors } = assembly
  const files = new Map([...app.resources, ...contributors.map(({ plugin }) => plugin)].map((each) => [each.name, fileOf(each)]))
  const everything = { ...assembly, place: (owner: string) => files.get(owner) }
  const eventPage = (event: string): string => {
    const operation = operations.get(event)
    if (!operation) throw new Error(`there is no ${event}`)
    return describeOperation(operation, everything)
  }

  it('says of user-create who touches it, in which file, why it refuses, and what it sends', () => {
    const lines = eventPage('user-create').split('\n')
    expect(lines.length).to.be.at.most(screen)
    expect(lines).to.include.members([
      '  declared   resources/user.ts', '  handled    core/crud/create.ts', '  key        create-user',
      '  broadcasts user-changed, department-changed', '  prepare    hook of auth (plugins/auth/index.ts)',
      '  decide     core/access/decide.ts, guard of user (resources/user.ts)',
    ])
    expect(lines.find((line) => line.startsWith('  refuses'))).to.include('conflict (fields, request_id, reference, busy)')
    expect(lines.at(-1)).to.match(/^ {2}insert into users \("id", .*\) returning …$/)
  })

  it('says of an event for many payloads which event it makes of each', () => {
    const page = eventPage('user-create-many')
    expect(page).to.include('  makes      user-create of each payload, with all its steps, hooks and refusals')
    expect(page).to.include('  handle     core/crud/several.ts')
    expect(page).to.not.match(/^ {2}(?:decide|authorise|refuses) /m)
  })

  it('names the file of what is prepared only where something is', () => {
    expect(eventPage('auth-login')).to.match(/^ {2}prepare {4}plugins\/auth\/login\.ts$/m)
    expect(eventPage('auth-logout')).to.match(/^ {2}prepare$/m)
  })

  it('says of each event files that are there, and of each that changes rows a statement', () => {
    for (const [event, { file, kind, action }] of operations) {
      const page = eventPage(event)
      for (const [named] of page.matchAll(/\b(?:core|plugins|resources)\/[\w./-]+\.ts\b/g))
        expect(existsSync(join(root, named)), named).to.equal(true)
      expect(page, event).to.include(file)
      if (kind === 'query' || action === 'custom') continue
      expect(page, event).to.match(/^ {2}(?:update|select|with|delete) .*\bwhere |^ {2}insert /m)
    }
  })

  it('says of a resource its fields, whose they are, its relations, its hooks and its events', () => {
    const user = resources.get('user')
    const page = user ? describeResource(user, everything) : ''
    expect(page).to.include('  table       users').and.to.include('status: active|suspended|archived')
    expect(page).to.include('password: string (write-only, of auth)').and.to.include('extended by auth, mfa')
    expect(page).to.include('department: one department by departmentId, changed with manage-department-users')
    expect(page).to.include('auth: user-create, user-update').and.to.match(/user-add-role +core\/crud\/linked\.ts/)
    for (const resource of resources.values()) expect(describeResource(resource, everything)).to.include(`${resource.name}-changed`)
  })

  it('says of a plugin what it needs and what it contributes', () => {
    const pageOf = (name: string): string => {
      const found = contributors.find(({ plugin }) => plugin.name === name)
      return found ? describePlugin(found.plugin, found.contribution, everything) : ''
    }
    expect(pageOf('auth')).to.include('  declared    plugins/auth/index.ts').and.to.include('  requires    directory, jobs, mail')
    expect(pageOf('auth')).to.include('user with password, lastLoginAt, passwordChangedAt').and.to.include('auth.own_password')
    expect(pageOf('api-docs')).to.include('  environment DOCS').and.to.include('/openapi.json')
    for (const { plugin, contribution } of contributors)
      expect(describePlugin(plugin, contribution, everything)).to.match(/declared +(?:plugins|resources)\//)
  })

  it('prints each that is named, and ends with exit code 1 where one is unknown', async function () {
    this.timeout(100_000)
    after(cleanUp)
    const command = [...program('main.ts'), 'describe', 'site-get', 'site', 'auth', 'nothing']
    const ended = await run(root, command, await freshEnvironment('embedded'), 90_000)
    expect(ended.out.split('\n').filter((line) => /^\S/.test(line))).to.deep.equal(['site-get', 'site', 'auth'])
    expect(ended.err).to.equal('There is no event, resource or plugin "nothing"\n')
    expect(ended.code).to.equal(1)
  })
})
