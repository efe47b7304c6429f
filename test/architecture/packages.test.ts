// The packages: versions without known holes, licences that fit, no install scripts, no registry host in the lock file.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { below, faults, floors, mayUse, nameOf } from './packages.ts'
import type { Lock } from './packages.ts'
import { root } from './sources.ts'

const isLock = (value: unknown): value is { packages: Lock } => typeof value === 'object' && value !== null && 'packages' in value

/** A lock file without fault, so that a test can put one in. */
const sound: Lock = Object.fromEntries(
  Object.entries(floors).map(([name, { least }]) => [`node_modules/${name}`, { version: least, license: 'MIT' }]),
)

describe('architecture: packages', () => {
  it('are sound', () => {
    const lock: unknown = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
    if (!isLock(lock)) throw new Error('package-lock.json has no packages')
    expect(Object.keys(lock.packages).length).to.be.greaterThan(50)
    expect(faults(lock.packages)).to.deep.equal([])
  })

  it('run no install script', () => {
    expect(readFileSync(join(root, '.npmrc'), 'utf8').split('\n')).to.include('ignore-scripts=true')
  })

  it('are checked by a check that passes a sound lock file', () => expect(faults(sound)).to.deep.equal([]))

  const bad: Readonly<Record<string, Lock>> = {
    'a version under its floor': { 'node_modules/engine.io': { version: '6.6.8', license: 'MIT' } },
    'the same, nested': { 'node_modules/socket.io/node_modules/ws': { version: '8.20.9', license: 'MIT' } },
    'a licence with conditions': { 'node_modules/x': { version: '1.0.0', license: 'GPL-3.0-only' } },
    'the licence of a tool, of a package that goes with the product': { 'node_modules/x': { version: '1.0.0', license: 'MPL-2.0' } },
    'no licence': { 'node_modules/x': { version: '1.0.0' } },
    'a registry host': { 'node_modules/x': { version: '1.0.0', license: 'MIT', resolved: 'https://registry.example/x.tgz' } },
    'an install script': { 'node_modules/x': { version: '1.0.0', license: 'MIT', hasInstallScript: true } },
  }
  for (const [what, lock] of Object.entries(bad)) it(`catches ${what}`, () => expect(faults({ ...sound, ...lock })).to.have.length(1))

  it('lets tools have the licence of tools', () => {
    expect(faults({ ...sound, 'node_modules/x': { version: '1.0.0', license: 'MPL-2.0', dev: true } })).to.deep.equal([])
  })

  it('catches a floor whose package has gone', () => {
    expect(faults(Object.fromEntries(Object.entries(sound).slice(1)))).to.have.length(1)
  })

  it('compares versions as numbers', () => {
    expect(below('6.6.10', '6.6.9')).to.equal(false)
    expect(below('6.10.0', '6.6.9')).to.equal(false)
    expect(below('5.9.9', '6.0.0')).to.equal(true)
    expect(below('6.6.9-rc.1', '6.6.9')).to.equal(true)
    expect(below('6.6.9', '6.6.9')).to.equal(false)
  })

  it('reads names and choices of licences', () => {
    expect(nameOf('node_modules/a/node_modules/@b/c')).to.equal('@b/c')
    expect(mayUse('(MIT OR GPL-3.0)')).to.equal(true)
    expect(mayUse('(MIT AND Zlib)')).to.equal(false)
  })
})
