// list: the rows that the actor may list, page by page.
import { authorise, onResource } from '../access/authorise.ts'
import { deciding, type Steps } from '../call/operation.ts'
import type { Resource } from '../model/resource.ts'
import { furtherHidden } from './hidden.ts'
import { pagePayload, parsePage, readPage } from './page.ts'

export const listSteps = (resource: Resource): Steps => {
  const demand = onResource(resource, 'list')
  return deciding({
    accepts: { fields: pagePayload() },
    demands: [demand],
    parse: (payload) => parsePage(resource, payload),
    load: () => Promise.resolve(),
    authorise: (call) => authorise(call, demand),
    foresee: (call) => Promise.resolve(furtherHidden(call, resource)),
    handle: async (call) =>
      readPage(call, resource, { from: resource.table, where: [await call.rights.reach('list', resource)], context: resource.name }),
  })
}
