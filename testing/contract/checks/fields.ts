// Checks that every wrong value is refused, names its field, and changes nothing.
import { expect } from 'chai'
import { it } from '../../runner.ts'
import type { Field, Resource } from '../../../core/model/resource.ts'
import { unspentCalls, updatable } from '../calls.ts'
import { causes, changesNothing, created } from '../expected.ts'
import { isWritable } from '../values.ts'
import { refusal, type Row, type WireError } from '../transport.ts'
import { ask, createRow, leastPayload, linkOf, next, ok, oneBy, readRow, uniqueFields, valueFor, type Later, type World } from '../world.ts'
import { wrongValues, type Wrong } from '../wrong.ts'

interface Fault {
  readonly path: string
  readonly message: string
}

const expectFaultsOf = ({ details }: WireError, field: string, what: string): void => {
  expect(details, what).to.be.an('array').that.is.not.empty
  for (const { path, message } of details as Fault[]) {
    expect(path, what).to.match(new RegExp(`^${field}($|[.[])`))
    expect(message, what).to.be.a('string').and.not.equal('')
  }
}

const wrongFor = (resource: Resource, field: Field): Wrong[] =>
  wrongValues(field, { link: linkOf(resource, field.name), refers: oneBy(resource, field.name) !== undefined })

/** Sends each wrong value with a create and with an update. */
const refusesWrong = async (world: World, resource: Resource, field: Field): Promise<void> => {
  const { id } = await createRow(world, resource)
  const before = await readRow(world, resource, id)
  const least = await leastPayload(world, resource)
  await changesNothing(world, async () => {
    for (const { value, shown } of wrongFor(resource, field)) {
      const attempts: [string, Row][] = [[`${resource.name}-create`, { ...least, [field.name]: value }]]
      if (!field.fixed) attempts.push([`${resource.name}-update`, { id, [field.name]: value }])
      for (const [event, payload] of attempts) {
        const what = `${event} with ${field.name} = ${shown}`
        expectFaultsOf(refusal(await ask(world, event, payload), 'invalid_payload', what), field.name, what)
      }
    }
  })
  expect(await readRow(world, resource, id)).to.deep.equal(before)
}

export const fieldChecks = (later: Later, resource: Resource): void => {
  const { name } = resource
  const fields = [...resource.fields.values()]

  for (const field of fields.filter(isWritable)) {
    it(`refuses a wrong ${field.name}, whatever is wrong with it`, () => refusesWrong(later(), resource, field))
  }

  it('refuses a wrong id', async () => {
    const world = later()
    const least = await leastPayload(world, resource)
    await changesNothing(world, async () => {
      for (const id of [42, true, null, [], {}, '', 'a b', '-a', '_a', 'é', 'a'.repeat(65), 'a/b', '__proto__']) {
        for (const payload of [{ ...least, id }, { id }]) {
          const event = payload === least || Object.keys(payload).length > 1 ? `${name}-create` : `${name}-get`
          expectFaultsOf(
            refusal(await ask(world, event, payload), 'invalid_payload', `${event} with id ${JSON.stringify(id)}`), 'id', event,
          )
        }
      }
    })
  })

  it('names all faults at once', async () => {
    const world = later()
    const wrong = fields.filter(isWritable).filter((field) => !oneBy(resource, field.name) && !linkOf(resource, field.name))
    const payload = Object.fromEntries(wrong.map((field) => [field.name, field.schema.type === 'mixed' ? 'text' : {}]))
    const { details } = refusal(await ask(world, `${name}-create`, { ...payload, nonsense: 1 }), 'invalid_payload', `${name}-create`)
    const paths = (details as Fault[]).map(({ path }) => path.split(/[.[]/)[0])
    expect(new Set(paths)).to.include.all.keys('nonsense', ...wrong.map((field) => field.name))
  })

  it('refuses fields that only the server writes', async () => {
    const world = later()
    const { id } = await createRow(world, resource)
    const before = await readRow(world, resource, id)
    const least = await leastPayload(world, resource)
    await changesNothing(world, async () => {
      for (const field of fields.filter((each) => !isWritable(each) && each.name !== 'id')) {
        const value = before[field.name] ?? 'x'
        for (const [event, payload] of [['create', least], ['update', { id }]] as const) {
          const what = `${name}-${event} with ${field.name}`
          expectFaultsOf(
            refusal(await ask(world, `${name}-${event}`, { ...payload, [field.name]: value }), 'invalid_payload', what), field.name, what,
          )
        }
      }
    })
    expect(await readRow(world, resource, id)).to.deep.equal(before)
  })

  const fixed = fields.filter((field) => field.fixed)
  if (fixed.length > 0) {
    it(`refuses to change what is fixed: ${fixed.map((field) => field.name).join(', ')}`, async () => {
      const world = later()
      const { id } = await createRow(world, resource)
      await changesNothing(world, async () => {
        for (const field of fixed) {
          const payload = { id, [field.name]: await valueFor(world, resource, field.name, next()) }
          expectFaultsOf(refusal(await ask(world, `${name}-update`, payload), 'invalid_payload', field.name), field.name, field.name)
        }
      })
    })
  }

  it('refuses an unknown field, and a missing id, in every event', async () => {
    const world = later()
    const calls = await unspentCalls(world, resource)
    await changesNothing(world, async () => {
      for (const call of calls) {
        for (const nonsense of ['nonsense', 'toString', `${name}_id`]) {
          expectFaultsOf(
            refusal(await ask(world, call.event, { ...call.payload, [nonsense]: 1 }), 'invalid_payload', call.event), nonsense, call.event,
          )
        }
        if (!call.addressed) continue
        const { id: _id, ...rest } = call.payload
        expectFaultsOf(refusal(await ask(world, call.event, rest), 'invalid_payload', `${call.event} without id`), 'id', call.event)
      }
    })
  })

  it('answers conflict, naming the field, where a unique value is taken', async () => {
    const world = later()
    for (const field of await uniqueFields(world, resource)) {
      const first = await ok(world, `${name}-create`, await leastPayload(world, resource))
      const second = { ...(await leastPayload(world, resource)), [field.name]: first[field.name] }
      await changesNothing(world, async () => {
        const { details } = refusal(
          await ask(world, `${name}-create`, second), 'conflict', `${name}-create with a ${field.name} that is taken`,
        )
        expect(JSON.stringify(details)).to.include(`"${field.name}"`)
      })
    }
  })

  it('takes every choice of every field', async () => {
    const world = later()
    for (const field of fields.filter((each) => updatable(resource).includes(each.name))) {
      for (const value of field.schema.describe().oneOf.filter((choice) => choice !== null)) {
        const payload = { ...(await leastPayload(world, resource)), [field.name]: value }
        const row = await causes(world, () => ok(world, `${name}-create`, payload), (result) => created(world, resource, result))
        expect(row[field.name]).to.equal(value)
      }
    }
  })
}

