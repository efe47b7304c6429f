// The state of one organisation as the contract describes it: rows, links, the tree, and who lies in which scope.

import { builtIn, root } from './keys.ts'
import type { Resource } from './keys.ts'

export interface Grant {
  readonly permissionId: string
  readonly scopeId: string | null
}

export interface UserGrant extends Grant {
  readonly deny: boolean
}

export interface Site {
  readonly id: string
  readonly label: string
}
export interface Department extends Site {
  readonly siteId: string | null
  readonly parentId: string | null
  readonly managerId: string | null
}
export interface Role extends Site {
  readonly grants: readonly Grant[]
}
export interface Permission {
  readonly id: string
  readonly permissionKey: string
  readonly description: string | null
  readonly builtIn: boolean
}
export interface Group {
  readonly id: string
  readonly name: string
  readonly description: string | null
  readonly members: readonly string[]
  readonly responsibles: readonly string[]
}
export interface User {
  readonly id: string
  readonly firstName: string
  readonly lastName: string
  readonly email: string
  readonly status: string
  readonly picture: string | null
  readonly metadata: unknown
  readonly locale: string | null
  readonly siteId: string | null
  readonly departmentId: string | null
  readonly roles: readonly string[]
  readonly grants: readonly UserGrant[]
  /** The password in clear, as the player gave it; undefined: none. */
  readonly password: string | undefined
  /** Counts what ends every session of the user. */
  readonly endings: number
}
export interface Invitation {
  readonly email: string
  readonly author: string
  readonly role: string | null
  readonly siteId: string | null
  readonly departmentId: string | null
}

export interface Rows {
  readonly site: Site
  readonly department: Department
  readonly role: Role
  readonly permission: Permission
  readonly group: Group
  readonly user: User
}

/** What can lie in a scope. */
export interface Placed {
  readonly id?: string
  readonly siteId?: string | null
  readonly departmentId?: string | null
  readonly parentId?: string | null
}

/** Fields that an app adds to these rows; of their values the model says nothing. */
export type Further = { readonly [R in Resource]?: readonly string[] }

export type Tri = 'yes' | 'no' | 'open'

type Tables = { readonly [R in Resource]: Map<string, Rows[R]> }

export class Organisation {
  readonly tables: Tables = {
    site: new Map(), department: new Map(), role: new Map(), permission: new Map(), group: new Map(), user: new Map(),
  }
  readonly invitations: Invitation[] = []
  readonly createdBy = new Map<string, string>()
  /** Users who are no part of it: the one who sets it up. */
  readonly outside = new Set<string>()

  readonly further: Further

  constructor(further: Further = {}) {
    this.further = further
    for (const key of builtIn) this.tables.permission.set(key, { id: key, permissionKey: key, description: null, builtIn: true })
  }

  copy(): Organisation {
    const other = new Organisation(this.further)
    for (const name of Object.keys(this.tables) as Resource[]) {
      const target = other.tables[name] as Map<string, unknown>
      for (const [id, row] of this.tables[name]) target.set(id, row)
    }
    other.invitations.push(...this.invitations)
    for (const id of this.outside) other.outside.add(id)
    return other
  }

  row<R extends Resource>(resource: R, id: string | null): Rows[R] | undefined {
    return id === null ? undefined : this.tables[resource].get(id)
  }

  rows<R extends Resource>(resource: R): Rows[R][] {
    return [...this.tables[resource].values()]
  }

  put<R extends Resource>(resource: R, row: Rows[R]): void {
    this.tables[resource].set(row.id, row)
  }

  keyOf(permissionId: string): string | undefined {
    return this.tables.permission.get(permissionId)?.permissionKey
  }

  /** A department and all above it, nearest first; of an unknown one nothing. */
  chain(id: string | null | undefined): string[] {
    const found: string[] = []
    let at = id
    while (typeof at === 'string' && !found.includes(at)) {
      const row = this.tables.department.get(at)
      if (row === undefined) break
      found.push(at)
      at = row.parentId
    }
    return found
  }

  /** "A row is in a site's scope when it is that site or its `siteId` is that site; in a department's …" */
  inScope(resource: Resource | 'invitation', row: Placed, scope: string): boolean {
    switch (resource) {
      case 'site': return row.id === scope
      case 'department': return row.siteId === scope || row.id === scope || this.chain(row.parentId).includes(scope)
      case 'user': case 'invitation': return row.siteId === scope || this.chain(row.departmentId).includes(scope)
      case 'role': case 'group': case 'permission': return false
    }
  }

  #isDepartment(scope: string): boolean {
    return this.tables.department.has(scope)
  }

  /** Whether the first scope is the same as the second or wider. */
  wider(outer: string | null, inner: string | null): boolean {
    if (outer === null) return true
    if (inner === null) return false
    return outer === inner || (this.#isDepartment(inner) && this.chain(inner).includes(outer))
  }

  /** Whether two scopes have rows in common; a site and a department may come to have some. */
  meet(one: string | null, other: string | null): Tri {
    if (this.wider(one, other) || this.wider(other, one)) return 'yes'
    if (one === null || other === null || this.#isDepartment(one) === this.#isDepartment(other)) return 'no'
    const both = (resource: 'user' | 'department'): boolean =>
      this.rows(resource).some((row) => this.inScope(resource, row, one) && this.inScope(resource, row, other))
    return both('user') || both('department') ? 'yes' : 'open'
  }

  /** What a user is granted by roles and directly, as keys; denies apart. */
  grantsOf(user: User): {
    readonly granted: { key: string; scope: string | null }[]
    readonly denied: { key: string; scope: string | null }[]
  } {
    const ofRoles = user.roles.flatMap((id) => this.tables.role.get(id)?.grants ?? [])
    const toKeys = (list: readonly Grant[]) => list.flatMap(({ permissionId, scopeId }) => {
      const key = this.keyOf(permissionId)
      return key === undefined ? [] : [{ key, scope: scopeId }]
    })
    return {
      granted: toKeys([...ofRoles, ...user.grants.filter((grant) => !grant.deny)]),
      denied: toKeys(user.grants.filter((grant) => grant.deny)),
    }
  }

  groupsOf(userId: string): string[] {
    return this.rows('group').filter((group) => group.responsibles.includes(userId)).map((group) => group.id)
  }

  /** Active holders of unscoped `root`: those whom nothing of it is denied, and those to whom some scope of it is. */
  rootHolders(): { readonly whole: number; readonly part: number } {
    const holders = this.rows('user').filter((user) => user.status === 'active').map((user) => this.grantsOf(user))
      .filter(({ granted }) => granted.some((grant) => grant.key === root && grant.scope === null))
      .map(({ denied }) => denied.filter((deny) => deny.key === root))
      .filter((denies) => denies.every((deny) => deny.scope !== null))
    return { whole: holders.filter((denies) => denies.length === 0).length, part: holders.length }
  }
}
