// All screens: the paths where they are, who is offered them in the menu, and how each is loaded. A screen is a file of `screens/`.
import type { ComponentType } from 'preact'
import type { IconName } from './shared/icon.tsx'
import type { Texts } from './texts/texts.ts'

export interface ScreenProps {
  /** What stands in the path where the pattern has `:name`. */
  readonly params: Readonly<Record<string, string>>
}

interface MenuEntry {
  /** What it is called. */
  readonly label: (texts: Texts) => string
  readonly icon: IconName
  /** The event that the screen begins with: the entry is there for those who may ask it. Undefined: for everyone. */
  readonly needs?: string
}

export interface Screen {
  /** `/resources/:resource`; the first one that fits is shown. */
  readonly path: string
  /** Shown without a session too, in a frame of its own. */
  readonly open?: boolean
  readonly menu?: MenuEntry
  readonly load: () => Promise<{ readonly view: ComponentType<ScreenProps> }>
}

export const screens: readonly Screen[] = [
  { path: '/', load: () => import('./screens/home.tsx'), menu: { label: ({ home }) => home, icon: 'home' } },
  { path: '/resources/:resource', load: () => import('./screens/list.tsx') },
  { path: '/resources/:resource/new', load: () => import('./screens/create.tsx') },
  { path: '/resources/:resource/:id', load: () => import('./screens/row.tsx') },
  { path: '/resources/:resource/as/tree', load: () => import('./screens/tree.tsx') },
  { path: '/resources/user/:id/rights', load: () => import('./screens/rights.tsx') },
  { path: '/invitations', load: () => import('./screens/invitations.tsx'),
    menu: { label: ({ administration }) => administration.invitations, icon: 'mail', needs: 'invitation-list-request' } },
  { path: '/jobs', load: () => import('./screens/jobs.tsx'),
    menu: { label: ({ administration }) => administration.jobs, icon: 'clock', needs: 'job-list-request' } },
  { path: '/system', load: () => import('./screens/system.tsx'),
    menu: { label: ({ administration }) => administration.system, icon: 'pulse', needs: 'system-status-request' } },
  { path: '/settings', load: () => import('./screens/settings.tsx'),
    menu: { label: ({ administration }) => administration.settings, icon: 'settings', needs: 'config-list-request' } },
  { path: '/audit', load: () => import('./screens/audit.tsx'),
    menu: { label: ({ administration }) => administration.audit, icon: 'log', needs: 'audit-log-request' } },
  { path: '/profile', load: () => import('./screens/profile.tsx') },
  { path: '/change-password', load: () => import('./screens/profile.tsx') },
  { path: '/forgot-password', open: true, load: () => import('./screens/forgot-password.tsx') },
  { path: '/reset-password', open: true, load: () => import('./screens/reset-password.tsx') },
  { path: '/accept-invitation', open: true, load: () => import('./screens/accept-invitation.tsx') },
  { path: '/confirm-email', open: true, load: () => import('./screens/confirm-email.tsx') },
]
