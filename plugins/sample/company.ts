// The company that the sample data is about: where its addresses are, and what its roles grant.

const domain = 'aldermoor.example'

/** Letters that lose more than an accent. */
const spelled: Readonly<Record<string, string>> = { ø: 'o', ł: 'l', đ: 'd', ß: 'ss', æ: 'ae', œ: 'oe', ı: 'i' }

const plain = (name: string): string =>
  name.toLowerCase().replaceAll(/[øłđßæœı]/g, (letter) => spelled[letter] ?? '').normalize('NFD').replaceAll(/[^a-z-]/g, '')

/** `Zoë`, `O’Neill`: `zoe.oneill@…`; the second of that name has a 2 behind it. */
export const addressOf = (firstName: string, lastName: string, nth = 1): string =>
  `${plain(firstName)}.${plain(lastName)}${nth === 1 ? '' : nth}@${domain}`

/** Permission keys by what a role is for. Those of the last two make sense within a site or a department. */
export const keys = {
  employee: ['read-users', 'read-user', 'read-departments', 'read-department', 'read-groups', 'read-group', 'read-sites', 'read-site'],
  peopleOffice: ['create-user', 'update-user', 'delete-user', 'manage-department-users'],
  organiser: ['create-group', 'update-group', 'manage-group-members', 'manage-group-responsibles'],
  siteOffice: ['manage-sites', 'create-user', 'update-user'],
  head: ['update-department', 'manage-department-hierarchy', 'manage-department-users'],
} as const
