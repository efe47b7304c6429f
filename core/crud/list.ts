// list: the rows that the actor may list, page by page.
import { deciding, type Steps } from '../call/operation.ts'
import { forbidden } from '../define/errors.ts'
import type { Resource } from '../model/resource.ts'
import { parsePage, readPage } from './page.ts'

export const listSteps = (resource: Resource): Steps => deciding({
  parse: (payload) => parsePage(resource, payload),
  load: () => Promise.resolve(),
  async authorise({ rights }) {
    if (!rights.mayAsk('list', resource, resource.keys.list)) throw forbidden(resource.keys.list)
  },
  handle: async (call) =>
    readPage(call, resource, { from: resource.table, where: [await call.rights.reach('list', resource)], context: resource.name }),
})
