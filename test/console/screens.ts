// The screens that are asked for what holds of all of them: axe, widths, both colour schemes.

export interface Shown {
  readonly name: string
  readonly path: string
  /** What is there once it is shown. */
  readonly has: string
  /** Seen without a session. */
  readonly open?: boolean
}

/** `ids`: of a site, a department, a group, a role and a user that there are. */
export const screens = (ids: Readonly<Record<'site' | 'department' | 'group' | 'role' | 'user', string>>): readonly Shown[] => [
  { name: 'log-in', path: '/', has: 'input[name=password]', open: true },
  { name: 'forgot-password', path: '/forgot-password', has: 'input[name=email]', open: true },
  { name: 'reset-password', path: '/reset-password?token=none', has: 'input[name=password]', open: true },
  { name: 'accept-invitation', path: '/accept-invitation?token=none', has: '[role=alert]', open: true },
  { name: 'confirm-email', path: '/confirm-email?token=none', has: 'button[type=submit]', open: true },
  { name: 'home', path: '/', has: '.chart canvas' },
  { name: 'users', path: '/resources/user', has: 'tbody a' },
  {
    name: 'departments-filtered',
    path: '/resources/department?filter=%5B%5B%22label%22%2C%22contains%22%2C%22o%22%5D%5D',
    has: 'tbody a',
  },
  { name: 'nothing-found', path: '/resources/group?search=nothing-like-it', has: '.empty' },
  { name: 'user-new', path: '/resources/user/new', has: 'form.card' },
  ...(['site', 'department', 'group', 'role', 'user'] as const).map((resource) => ({
    name: resource,
    path: `/resources/${resource}/${ids[resource]}`,
    has: 'form.card',
  })),
  { name: 'tree', path: '/resources/department/as/tree', has: '[role=treeitem]' },
  { name: 'rights', path: `/resources/user/${ids.user}/rights`, has: '.keys-held tbody tr' },
  { name: 'system', path: '/system', has: '.status .note' },
  { name: 'settings', path: '/settings', has: '.settings li' },
  { name: 'audit', path: '/audit', has: 'tbody .as-link' },
  { name: 'invitations', path: '/invitations', has: '.empty' },
  { name: 'jobs', path: '/jobs', has: '.empty, tbody tr' },
  { name: 'profile', path: '/profile', has: '.cards .links li' },
  { name: 'not-found', path: '/nothing', has: '.empty' },
]
