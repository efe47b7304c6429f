// The few icons, drawn here: lines in the colour of the text beside them. What they mean is said by that text, or by a button's name.
const paths = {
  search: 'M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14m5 12 4 4',
  plus: 'M12 5v14M5 12h14',
  close: 'M6 6l12 12M18 6 6 18',
  up: 'M12 19V5m-6 6 6-6 6 6',
  down: 'M12 5v14m-6-6 6 6 6-6',
  left: 'M15 5l-7 7 7 7',
  right: 'M9 5l7 7-7 7',
  first: 'M18 5l-7 7 7 7M6 5v14',
  last: 'M6 5l7 7-7 7M18 5v14',
  menu: 'M4 7h16M4 12h16M4 17h16',
  filter: 'M4 6h16M7 12h10M10 18h4',
  columns: 'M4 5h16v14H4zM10 5v14M15 5v14',
  bin: 'M5 7h14M10 7V5h4v2M7 7l1 12h8l1-12M10.5 10.5v5.5M13.5 10.5v5.5',
  edit: 'M5 19h3L19 8l-3-3L5 16zM14 7l3 3',
  person: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8M5 20c.6-3.6 3.4-5.5 7-5.5s6.400 1.900 7 5.500',
  leave: 'M14 5H6v14h8M11 12h9m-3-3 3 3-3 3',
  home: 'M4 11l8-7 8 7M6 10v10h12V10M10 20v-6h4v6',
  table: 'M4 5h16v14H4zM4 10h16M10 10v9',
  check: 'M5 12.500 10 17 19 7',
  warning: 'M12 4 3 19h18zM12 10v4M12 16.500v.5',
  theme: 'M12 4a8 8 0 1 0 0 16zM12 4a8 8 0 0 1 0 16',
  people: 'M9 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6M3 19c.5-3 3-4.500 6-4.500s5.500 1.500 6 4.500M16 5a3 3 0 0 1 0 6M18 15c2 .8 3 2.200 3 4',
  tree: 'M9 4h6v4H9zM4 16h6v4H4zM14 16h6v4h-6zM12 8v4M7 16v-4h10v4',
  group: 'M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16M12 9.500a2.500 2.500 0 1 0 0 5 2.500 2.500 0 0 0 0-5',
  pin: 'M12 21c4-4.500 6-7.700 6-10.500a6 6 0 0 0-12 0c0 2.800 2 6 6 10.500M12 8.500a2 2 0 1 0 0 4 2 2 0 0 0 0-4',
  shield: 'M12 3l7 3v5c0 4.500-3 8-7 10-4-2-7-5.500-7-10V6z',
  key: 'M8 11a4 4 0 1 0 0 8 4 4 0 0 0 0-8M11 12l8-8M16 7l2.500 2.500',
  mail: 'M4 6h16v12H4zM4 7l8 6 8-6',
  settings: 'M4 8h8m4 0h4M4 16h3m4 0h9M14 5.500v5M9 13.500v5',
  log: 'M6 4h12v16H6zM9 9h6M9 12.500h6M9 16h4',
  clock: 'M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16M12 8v4.500l3 2',
  pulse: 'M3 12h4l3-7 4 14 3-7h4',
  more: 'M6 12h.01M12 12h.01M18 12h.01',
} as const

export type IconName = keyof typeof paths

/** The icons of the resources that most apps have; all others are tables. */
const ofResources: Readonly<Record<string, IconName>> = {
  user: 'people',
  department: 'tree',
  group: 'group',
  site: 'pin',
  role: 'shield',
  permission: 'key',
  invitation: 'mail',
}
export const iconOf = (resource: string): IconName => ofResources[resource] ?? 'table'

export const Icon = ({ name }: { readonly name: IconName }) => (
  <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
    <path d={paths[name]} />
  </svg>
)
