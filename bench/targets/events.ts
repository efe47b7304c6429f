// The dialect of Sovrane's protocol, which limit speaks too.
import { emailOf, idOf, password } from '../database/organisation.ts'
import { connect } from '../load/wire.ts'
import { userFields, type Dialect } from './dialect.ts'

const userChanged = '["user-changed",'

interface Reply {
  readonly error?: unknown
  readonly accessToken?: string
}

/** @param options where people log in, and the event after which a socket is ready, if there is one */
const eventDialect = ({ lobby, ready }: { readonly lobby: Dialect['lobby']; readonly ready?: string }): Dialect => ({
  enter: (url, token) => connect(url, { auth: { token }, ...(ready === undefined ? {} : { ready }) }),
  lobby,
  refusal([reply]) {
    const { error } = (reply ?? { error: 'no reply' }) as Reply
    return error === undefined ? undefined : JSON.stringify(error)
  },
  requests: {
    ping: () => ['ping', {}],
    get: (user) => ['user-get', { id: idOf('user', user) }],
    getWithRelations: (user) => ['user-get', { id: idOf('user', user), include: ['site', 'department', 'roles'] }],
    list: (page, limit) => ['user-list-request', { page, limit }],
    listSites: (page, limit) => ['site-list-request', { page, limit }],
    create: (fresh) => ['user-create', userFields(fresh)],
    updateUser: (user, fresh) => ['user-update', { id: idOf('user', user), firstName: `First${fresh}` }],
    updateSite: (site, fresh) => ['site-update', { id: idOf('site', site), label: `Site ${fresh}` }],
    logIn: (user) => ['auth-login', { email: emailOf(user), password }],
  },
  tokenOf: ([reply]) => (reply as Reply).accessToken ?? '',
  userChanged,
  readAnew(frame) {
    const [, { id }] = JSON.parse(frame) as [string, { id: string }]
    return ['user-get', { id }]
  },
})

/** The first event after the handshake is `session`; people log in on a namespace of their own. */
export const sovraneDialect = eventDialect({ lobby: (url) => connect(url, { namespace: '/auth' }), ready: 'session' })

export const limitDialect = eventDialect({ lobby: (url) => connect(url) })
