// The dialect of Feathers: the methods of services, and `create` on `authentication` to log in and to come in.
import { emailOf, password } from '../database/organisation.ts'
import { connect } from '../load/wire.ts'
import { ask, userFields, type Dialect, type Request } from './dialect.ts'

const authenticate = (strategy: object): Request => ['create', 'authentication', strategy]

/** A page by its number, in the order of ids: Feathers counts rows to skip. */
const find = (service: string, page: number, limit: number): Request =>
  ['find', service, { $limit: limit, $skip: (page - 1) * limit, $sort: { id: 1 } }]

export const feathersDialect: Dialect = {
  async enter(url, token) {
    const wire = await connect(url)
    await ask(feathersDialect, wire, authenticate({ strategy: 'jwt', accessToken: token }))
    return wire
  },
  lobby: (url) => connect(url),
  refusal: ([error]) => (error === null || error === undefined ? undefined : JSON.stringify(error)),
  requests: {
    get: (user) => ['get', 'users', user, {}],
    list: (page, limit) => find('users', page, limit),
    listSites: (page, limit) => find('sites', page, limit),
    create: (fresh) => ['create', 'users', userFields(fresh), {}],
    updateUser: (user, fresh) => ['patch', 'users', user, { firstName: `First${fresh}` }, {}],
    updateSite: (site, fresh) => ['patch', 'sites', site, { label: `Site ${fresh}` }, {}],
    logIn: (user) => authenticate({ strategy: 'local', email: emailOf(user), password }),
  },
  tokenOf: ([, reply]) => (reply as { accessToken?: string }).accessToken ?? '',
  userChanged: '["users patched",',
}
