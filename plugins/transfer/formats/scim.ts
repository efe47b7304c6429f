// People and groups as SCIM 2.0 tells them (RFC 7643): a list of resources, with what SCIM has no word for in an extension of our own.
import { Readable } from 'node:stream'
import { reasonColumn } from '../columns.ts'
import { openText } from './decode.ts'
import { FileFault, type FileReader, type FileRecord, type Format, type ReadOptions } from './format.ts'
import { objectsIn } from './json-objects.ts'

const core = 'urn:ietf:params:scim:schemas:core:2.0'
const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'
const list = 'urn:ietf:params:scim:api:messages:2.0:ListResponse'
const own = (resource: string): string => `urn:sovrane:params:scim:schemas:1.0:${resource}`
const isOwn = (name: string): boolean => name.startsWith('urn:sovrane:params:scim:schemas:1.0:')

type JsonObject = Readonly<Record<string, unknown>>

const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value)
const objectsOf = (value: unknown): JsonObject[] => (Array.isArray(value) ? value.filter(isObject) : [])

/** The primary value of several, else the first. */
const primary = (value: unknown): unknown => {
  const all = objectsOf(value)
  return (all.find((each) => each['primary'] === true) ?? all[0])?.['value']
}

const given = (entries: readonly (readonly [string, unknown])[]): (readonly [string, unknown])[] =>
  entries.filter(([, value]) => value !== undefined)

/** What SCIM's own words mean here. The rest keeps its names. */
const translated = ({ userName, name, emails, active, locale, photos, roles, members, displayName, ...rest }: JsonObject) => {
  const { [enterprise]: work, meta: _meta, schemas: _schemas, groups: _groups, [reasonColumn]: _reason, ...others } = rest
  const names = isObject(name) ? name : {}
  const address = primary(emails) ?? (typeof userName === 'string' && userName.includes('@') ? userName : undefined)
  return given([
    ...Object.entries(others).filter(([key]) => !isOwn(key)),
    ['firstName', names['givenName']], ['lastName', names['familyName']], ['email', address],
    ['userName', address === undefined ? userName : undefined],
    ['status', active === undefined ? undefined : active === true ? 'active' : 'suspended'],
    ['locale', typeof locale === 'string' ? locale.slice(0, 2).toLowerCase() : locale],
    ['picture', primary(photos)],
    ['roles', Array.isArray(roles) ? objectsOf(roles).map(({ value, display }) => value ?? display) : undefined],
    ['members', Array.isArray(members) ? objectsOf(members).map(({ value }) => `id:${String(value)}`) : undefined],
    ['displayName', names['givenName'] === undefined ? displayName : undefined],
    ['department', isObject(work) ? work['department'] : undefined],
  ])
}

const cellsOf = (value: JsonObject): Map<string, unknown> => {
  const extension = Object.entries(value).find(([name]) => isOwn(name))?.[1]
  // Ours says it exactly.
  if (isObject(extension)) return new Map(given([['id', value['id']], ['externalId', value['externalId']], ...Object.entries(extension)]))
  return new Map(translated(value))
}

const open = async ({ path, encoding }: ReadOptions): Promise<FileReader> => {
  const file = await openText(path, encoding)
  async function* records(): AsyncGenerator<FileRecord> {
    let line = 0
    for await (const value of objectsIn(path, Readable.from(file.parts()), file.start)) {
      line += 1
      if (file.bad[0]) throw new FileFault(`${path}, line ${file.bad[0].line}: ${file.bad[0].message}`)
      yield isObject(value)
        ? { line, raw: value, cells: cellsOf(value) }
        : { line, raw: { value }, cells: new Map(), fault: 'is not an object' }
    }
  }
  return { columns: undefined, records }
}

const person = (cells: JsonObject): JsonObject => ({
  schemas: [`${core}:User`, own('user')],
  userName: cells['email'], name: { givenName: cells['firstName'], familyName: cells['lastName'] },
  emails: [{ value: cells['email'], primary: true }], active: cells['status'] === 'active',
  ...(typeof cells['locale'] === 'string' ? { locale: cells['locale'] } : {}),
})

const shapes: Readonly<Record<string, (cells: JsonObject) => JsonObject>> = {
  user: person,
  group: (cells) => ({ schemas: [`${core}:Group`, own('group')], displayName: cells['name'] }),
}

/** What SCIM itself says exactly is not said twice. */
const exact = new Set(['id', 'externalId'])

const resourceOf = (cells: readonly (readonly [string, unknown])[], resource: string): JsonObject => {
  const all = Object.fromEntries(cells)
  const shape = shapes[resource]?.(all) ?? { schemas: [own(resource)] }
  const named = Object.fromEntries(cells.filter(([name, value]) => exact.has(name) && value !== null))
  return { ...shape, ...named, [own(resource)]: Object.fromEntries(cells.filter(([name]) => !exact.has(name))) }
}

/** One after the other, with commas between them. */
const listWriter = () => {
  let isFirst = true
  return {
    head: `{"schemas":["${list}"],"Resources":[\n`,
    next: (value: JsonObject): string => {
      const text = `${isFirst ? '' : ',\n'}${JSON.stringify(value)}`
      isFirst = false
      return text
    },
    tail: '\n]}\n',
  }
}

export const scim: Format = {
  name: 'scim',
  cells: 'json',
  aliases: { displayname: 'name' },
  open,
  writer: (_columns, resource) => {
    const { head, next, tail } = listWriter()
    return { head, record: (cells) => next(resourceOf(cells, resource)), tail }
  },
  refused: () => {
    const { head, next, tail } = listWriter()
    return { head, record: (raw, reason) => next({ [reasonColumn]: reason, ...(raw as JsonObject) }), tail }
  },
}
