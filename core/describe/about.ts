// What an event does, in a sentence: of generic events worked out, of others what their definition says.
import type { Operation } from '../call/operation.ts'
import type { Resources } from '../model/resource.ts'
import { isGeneric, subjectOf } from './messages.ts'

/** `auth-token-create`: what is better than nothing. */
const fromName = (event: string): string => {
  const words = event.replaceAll('-', ' ')
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`
}

const genericAbout = ({ action }: Operation, name: string, plural: string): string => {
  switch (action) {
    case 'list': return `Lists the ${plural} that you may read, page by page`
    case 'get': return `Reads one ${name}`
    case 'create': return `Makes one ${name}`
    case 'update': return `Changes one ${name}: only the fields that are given`
    case 'delete': return `Deletes one ${name}, if nothing refers to it`
    default: return ''
  }
}

const relationAbout = ({ action, event }: Operation, name: string, relation: string): string => {
  const item = event.split('-').slice(2).join(' ')
  switch (action) {
    case 'list': return `Lists the ${relation} of one ${name} that you may read, page by page`
    case 'get': return `Reads the ${relation} of one ${name}`
    case 'set': return `Makes another row the ${relation} of one ${name}`
    case 'clear': return `Leaves one ${name} without a ${relation}`
    case 'add': return `Adds one ${item} to one ${name}`
    case 'remove': return `Takes one ${item} away from one ${name}`
    default: return `Lists what stands above one ${name}, from the top down`
  }
}

/** What an event does. */
export const aboutOf = (operation: Operation, resources: Resources): string => {
  const { event, said, relation } = operation
  const { resource } = subjectOf(operation, resources)
  if (!isGeneric(operation) || !resource) return said?.about ?? fromName(event)
  const { name, plural } = resource
  return relation === undefined ? genericAbout(operation, name, plural) : relationAbout(operation, name, relation)
}
