// Checks of create, get, update and delete with good payloads, and what they broadcast.
import { isDeepStrictEqual } from 'node:util'
import { expect } from 'chai'
import { it } from '../../runner.ts'
import type { Field, Resource } from '../../../core/model/resource.ts'
import { updatable } from '../calls.ts'
import { causes, changesNothing, created, deleted, nothing, updated } from '../expected.ts'
import { written } from '../listener.ts'
import { isRequired } from '../values.ts'
import { refusal, success, type Row } from '../transport.ts'
import { ask, createRow, fullPayload, leastPayload, linkOf, next, ok, oneBy, readRow, valueFor, type Later, type World } from '../world.ts'

const stamps = ['version', 'createdAt', 'updatedAt', 'createdBy', 'updatedBy']
const isoTime = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/

const readable = (resource: Resource): Field[] => [...resource.fields.values()].filter((field) => field.source !== 'none')

/**
 * The row must have every field of the definition, no other, and in each what was written. A hook that rewrites a field
 * (an address in lower case) must leave the suite's values as they are; else the definition needs tests of its own.
 */
const expectRow = (resource: Resource, row: Row, payload: Row): void => {
  const { requestId: _echo, ...values } = row
  expect(Object.keys(values)).to.have.members(readable(resource).map((field) => field.name))
  expect(row['version']).to.be.a('number').and.at.least(1)
  for (const name of ['createdAt', 'updatedAt']) expect(row[name]).to.match(isoTime)
  for (const [name, value] of Object.entries(payload)) {
    if (resource.fields.get(name)?.source === 'none') expect(row).to.not.have.property(name)
    else expect(row[name], name).to.deep.equal(value)
  }
}

/** A valid value that the row does not have yet. */
const otherValue = async (world: World, resource: Resource, name: string, row: Row): Promise<unknown> => {
  const target = oneBy(resource, name)?.target ?? linkOf(resource, name)?.target
  if (target !== undefined) {
    const { id } = await createRow(world, target)
    return linkOf(resource, name) ? [id] : id
  }
  for (const n of [next(), next(), next()]) {
    const value = await valueFor(world, resource, name, n)
    if (!isDeepStrictEqual(value, row[name])) return value
  }
  throw new Error(`There is only one value for ${name}`)
}

const otherValues = async (world: World, resource: Resource, row: Row): Promise<Record<string, unknown>> => {
  const values: Record<string, unknown> = {}
  for (const name of updatable(resource)) values[name] = await otherValue(world, resource, name, row)
  return values
}

export const rowChecks = (later: Later, resource: Resource): void => {
  const { name } = resource

  it('is created with every field, read back, and heard once', async () => {
    const world = later()
    const payload = { ...(await fullPayload(world, resource)), requestId: `create-${next()}` }
    const row = await causes(world, () => ok(world, `${name}-create`, payload), (result) => created(world, resource, result))
    expectRow(resource, row, payload)
    expect(row['createdBy']).to.equal(world.admin.id)
    const { requestId: _echo, ...kept } = row
    expect(await readRow(world, resource, row['id'])).to.deep.equal(kept)
  })

  it('is created with only what is required; the rest is the default or null', async () => {
    const world = later()
    const payload = await leastPayload(world, resource)
    const row = await causes(world, () => ok(world, `${name}-create`, payload), (result) => created(world, resource, result))
    expectRow(resource, row, payload)
    for (const field of readable(resource)) {
      if (field.base || field.source === 'stored' || payload[field.name] !== undefined) continue
      const initial: unknown = field.schema.getDefault()
      expect(row[field.name], field.name).to.deep.equal(initial ?? null)
    }
  })

  it('is refused without each field that is required', async () => {
    const world = later()
    const payload = await leastPayload(world, resource)
    await changesNothing(world, async () => {
      for (const field of [...resource.fields.values()].filter(isRequired)) {
        const { [field.name]: _left, ...rest } = payload
        const { details } = refusal(await ask(world, `${name}-create`, rest), 'invalid_payload', `${name}-create without ${field.name}`)
        expect((details as { path: string }[]).map(({ path }) => path), field.name).to.deep.equal([field.name])
      }
    })
  })

  it('is created with a given id; a second one with it is a conflict', async () => {
    const world = later()
    const id = `own-id_${next()}`
    await ok(world, `${name}-create`, { ...(await leastPayload(world, resource)), id })
    const before = await readRow(world, resource, id)
    const again = { ...(await leastPayload(world, resource)), id }
    await changesNothing(world, async () =>
      refusal(await ask(world, `${name}-create`, again), 'conflict', `${name}-create with an id that is there`))
    expect(await readRow(world, resource, id)).to.deep.equal(before)
  })

  it('is updated in every field, one at a time and all at once; each is heard once', async () => {
    const world = later()
    let before = await createRow(world, resource)
    const { id } = before
    const values = await otherValues(world, resource, before)
    for (const [field, value] of Object.entries(values)) {
      const after = await causes(world, () => ok(world, `${name}-update`, { id, [field]: value }), (result) =>
        updated(world, resource, before, result))
      expect(after['version'], `${field}: version`).to.be.greaterThan(before['version'] as number)
      expectRow(resource, after, { [field]: value })
      const others = Object.keys(before).filter((other) =>
        other !== field && !stamps.includes(other) && resource.fields.get(other)?.source !== 'stored')
      for (const other of others) expect(after[other], `${field} changed ${other}`).to.deep.equal(before[other])
      before = after
    }
    const all = await otherValues(world, resource, before)
    const after = await causes(world, () => ok(world, `${name}-update`, { id, ...all }), (result) =>
      updated(world, resource, before, result))
    expectRow(resource, after, all)
  })

  it('sets to null every field that may be null', async () => {
    const world = later()
    let before = await ok(world, `${name}-create`, await fullPayload(world, resource))
    for (const field of updatable(resource).filter((each) => resource.fields.get(each)?.schema.spec.nullable === true)) {
      const payload = { id: before['id'], [field]: null }
      const after = await causes(world, () => ok(world, `${name}-update`, payload), (result) => updated(world, resource, before, result))
      expect(after[field], field).to.equal(null)
      before = after
    }
  })

  it('is not changed, nor heard of, by an update to the values that it has', async () => {
    const world = later()
    const payload = await fullPayload(world, resource)
    const row = await ok(world, `${name}-create`, payload)
    const same = Object.fromEntries(updatable(resource).filter((field) => resource.fields.get(field)?.source !== 'none').map((field) =>
      [field, payload[field]]))
    await causes(world, () => ok(world, `${name}-update`, { id: row['id'], ...same }), nothing)
    await causes(world, () => ok(world, `${name}-update`, { id: row['id'] }), nothing)
    expect(await readRow(world, resource, row['id'])).to.deep.equal(row)
  })

  it('is deleted, heard once, and gone; made again it goes on from a higher version', async () => {
    const world = later()
    const row = await ok(world, `${name}-create`, { ...(await fullPayload(world, resource)), id: `mortal-${next()}` })
    const { id } = row
    const reply = await causes(world, () => ok(world, `${name}-delete`, { id }), () => deleted(world, resource, row))
    expect(reply).to.deep.equal({ id })
    for (const event of [`${name}-get`, `${name}-delete`]) refusal(await ask(world, event, { id }), 'not_found', event)
    const again = await ok(world, `${name}-create`, { ...(await leastPayload(world, resource)), id })
    expect(again['version']).to.be.greaterThan(row['version'] as number)
  })

  it('is heard with the version of the reply and the requestId', async () => {
    const world = later()
    const requestId = `heard-${next()}`
    const rows: Row[] = []
    const changes = await world.listener.during(async () => {
      const payload = { ...(await leastPayload(world, resource)), requestId }
      rows.push(success(await ask(world, `${name}-create`, payload), `${name}-create`))
    })
    const [row] = rows
    expect(row?.['requestId']).to.equal(requestId)
    const own = changes.find((change) => change.id === row?.['id'])
    expect(own?.payload).to.have.all.keys('id', 'action', 'version', 'pos', 'requestId')
    expect(own?.payload).to.include({ id: row?.['id'], action: 'create', version: row?.['version'], requestId })
    expect(written(changes)).to.deep.equal(created(world, resource, row ?? {}).lines)
  })
}

