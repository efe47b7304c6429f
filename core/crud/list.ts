// list: the rows that the actor may list, page by page.
import type { Resource, Resources } from '../model/resource.ts'
import type { Stages } from '../call/operation.ts'
import { forbidden } from '../define/errors.ts'
import { parsePage, readPage } from './page.ts'

export const listStages = (resources: Resources, resource: Resource): Stages => ({
  parse: (payload) => parsePage(resource, payload),
  authorise: (call) => {
    if (!call.rights.mayAsk('list', resource, resource.keys.list)) throw forbidden(resource.keys.list)
    return Promise.resolve()
  },
  handle: (call) =>
    readPage(call, resources, resource, { from: resource.table, where: [call.rights.sql('list', resource)], context: resource.name }),
})
