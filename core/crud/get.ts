// get: one row by its id.
import { authoriseRow, onRow } from '../access/authorise.ts'
import { deciding, type Steps } from '../call/operation.ts'
import { validate } from '../define/validate.ts'
import type { Resource } from '../model/resource.ts'
import { checkInclude, embed, includeField } from './include.ts'
import { requiredId } from './input.ts'
import { projectRow } from './project.ts'
import { loadRow } from './select.ts'

export const getSteps = (resource: Resource): Steps => {
  const fields = new Map([requiredId, includeField])
  const demand = onRow(resource, 'get')
  return deciding({
    accepts: { fields },
    demands: [demand],
    parse(payload) {
      const request = validate(fields, payload)
      checkInclude(resource, request['include'])
      return request
    },
    load: (call) => loadRow(call, resource),
    authorise: (call, row) => authoriseRow(call, demand, row),
    handle: (_call, row) => Promise.resolve(row),
    async project(call, _output, found) {
      const row = await projectRow(call, resource, found, 'get')
      const [embedded] = await embed(call, resource, { rows: [found], projected: [row], include: call.input['include'] })
      return embedded ?? row
    },
  })
}
