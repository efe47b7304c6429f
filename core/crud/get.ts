// get: one row by its id.
import type { Resource, Resources } from '../model/resource.ts'
import type { Stages } from '../call/operation.ts'
import { validate } from '../define/validate.ts'
import { notFound } from '../define/errors.ts'
import { authoriseRow } from './authorise.ts'
import { checkInclude, embed, includeField } from './include.ts'
import { requiredId } from './input.ts'
import { projectRow } from './project.ts'
import { findRow } from './select.ts'

export const getStages = (resources: Resources, resource: Resource): Stages => {
  const fields = new Map([requiredId, includeField])
  return {
    parse: (payload) => {
      const request = validate(fields, payload)
      checkInclude(resource, request['include'])
      return request
    },
    load: async (call) => {
      call.before = await findRow(call.db, resource, String(call.input['id']))
    },
    authorise: async (call) => void (await authoriseRow(call, resource, call.before, { action: 'get', key: resource.keys.get })),
    handle: (call) => {
      if (!call.before) throw notFound()
      return Promise.resolve(call.before)
    },
    project: async (call) => {
      if (!call.before) throw notFound()
      const row = await projectRow(call, resource, call.before, 'get')
      const [embedded] = await embed(call, resources, resource, { rows: [call.before], projected: [row], include: call.input['include'] })
      return embedded ?? row
    },
  }
}

