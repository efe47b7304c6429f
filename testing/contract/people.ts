// People to ask as. How an app makes accounts and grants is the one thing here that is the app's own, not the engine's.
import { password } from '../passwords.ts'
import { administrator } from '../ready.ts'
import { next } from './world.ts'
import { success, type Door, type Person, type Row } from './transport.ts'

export interface Grant {
  readonly key: string
  readonly scopeId?: string
}

export interface People {
  readonly admin: Person
  /** Someone with these grants and no other. */
  holding(...grants: readonly Grant[]): Promise<Person>
}

const enter = async (door: Door, email: string, secret: string): Promise<Person> => {
  const login = success(await door.ask(undefined, 'auth-login', { email, password: secret }), `log-in of ${email}`)
  return { id: String((login['user'] as Row)['id']), token: String(login['accessToken']) }
}

/** Logs the administrator in; the door is any that works. */
export const openPeople = async (door: Door): Promise<People> => {
  const admin = await enter(door, administrator.email, administrator.password)
  const ask = async (event: string, payload: Row): Promise<Row> => success(await door.ask(admin, event, payload), event)
  const ids = new Map<string, string>()
  const permissionOf = async (key: string): Promise<string> => {
    const known = ids.get(key)
    if (known !== undefined) return known
    const page = await ask('permission-list-request', { filter: { permissionKey: key } })
    const [found] = page['items'] as Row[]
    if (!found) throw new Error(`There is no permission "${key}"`)
    ids.set(key, String(found['id']))
    return String(found['id'])
  }
  const make = async (grants: readonly Grant[]): Promise<Person> => {
    const email = `person-${next()}@example.com`
    const permissions = await Promise.all(grants.map(async ({ key, scopeId }) => {
      const permissionId = await permissionOf(key)
      return scopeId === undefined ? permissionId : { permissionId, scopeId }
    }))
    const role = grants.length === 0 ? undefined : await ask('role-create', { label: `Role of ${email}`, permissions })
    await ask('user-create', { firstName: 'Some', lastName: 'Body', email, password, roles: role ? [role['id']] : [] })
    return enter(door, email, password)
  }
  const known = new Map<string, Promise<Person>>()
  return {
    admin,
    holding(...grants) {
      const key = JSON.stringify(grants)
      const person = known.get(key) ?? make(grants)
      known.set(key, person)
      return person
    },
  }
}
