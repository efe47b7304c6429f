// What the larger organisation is built of: cities, divisions with their teams and titles, groups.
import type { Culture } from './names.ts'

export interface City {
  readonly label: string
  readonly region: 'Europe' | 'Americas' | 'Africa and Middle East' | 'Asia Pacific'
  readonly culture: Culture
  readonly locale: 'en' | 'fr'
}

/** In the order in which the company opened them; the first is where its head office is. */
export const cities: readonly City[] = [
  { label: 'Lyon', region: 'Europe', culture: 'french', locale: 'fr' },
  { label: 'Montréal', region: 'Americas', culture: 'french', locale: 'fr' },
  { label: 'Nairobi', region: 'Africa and Middle East', culture: 'african', locale: 'en' },
  { label: 'Munich', region: 'Europe', culture: 'german', locale: 'en' },
  { label: 'Bengaluru', region: 'Asia Pacific', culture: 'indian', locale: 'en' },
  { label: 'Boston', region: 'Americas', culture: 'english', locale: 'en' },
  { label: 'Kraków', region: 'Europe', culture: 'slavic', locale: 'en' },
  { label: 'Osaka', region: 'Asia Pacific', culture: 'eastAsian', locale: 'en' },
  { label: 'São Paulo', region: 'Americas', culture: 'portuguese', locale: 'en' },
  { label: 'Casablanca', region: 'Africa and Middle East', culture: 'arabic', locale: 'fr' },
  { label: 'Gothenburg', region: 'Europe', culture: 'nordic', locale: 'en' },
  { label: 'Monterrey', region: 'Americas', culture: 'spanish', locale: 'en' },
  { label: 'Lagos', region: 'Africa and Middle East', culture: 'african', locale: 'en' },
  { label: 'Bristol', region: 'Europe', culture: 'english', locale: 'en' },
  { label: 'Singapore', region: 'Asia Pacific', culture: 'eastAsian', locale: 'en' },
  { label: 'Turin', region: 'Europe', culture: 'italian', locale: 'en' },
  { label: 'Santiago', region: 'Americas', culture: 'spanish', locale: 'en' },
  { label: 'Dakar', region: 'Africa and Middle East', culture: 'african', locale: 'fr' },
  { label: 'Seville', region: 'Europe', culture: 'spanish', locale: 'en' },
  { label: 'Melbourne', region: 'Asia Pacific', culture: 'english', locale: 'en' },
  { label: 'Porto', region: 'Europe', culture: 'portuguese', locale: 'en' },
  { label: 'Istanbul', region: 'Africa and Middle East', culture: 'arabic', locale: 'en' },
  { label: 'Tampere', region: 'Europe', culture: 'nordic', locale: 'en' },
  { label: 'Seoul', region: 'Asia Pacific', culture: 'eastAsian', locale: 'en' },
]

export const company = 'Aldermoor'

export interface Division {
  readonly label: string
  readonly teams: readonly string[]
  readonly titles: readonly string[]
}

export const divisions: readonly Division[] = [
  {
    label: 'Engineering', teams: ['Firmware', 'Cloud services', 'Optics', 'Mechanics', 'Quality', 'Tools'],
    titles: ['Software engineer', 'Embedded engineer', 'Test engineer', 'Optical engineer', 'Systems architect', 'Reliability engineer', 'Technical writer'],
  },
  {
    label: 'Operations', teams: ['Assembly', 'Calibration', 'Logistics', 'Purchasing', 'Maintenance', 'Planning'],
    titles: ['Calibration technician', 'Assembler', 'Buyer', 'Production planner', 'Warehouse operator', 'Maintenance technician', 'Dispatcher'],
  },
  {
    label: 'Sales', teams: ['Key accounts', 'Inside sales', 'Partners', 'Tenders', 'Field sales', 'Pricing'],
    titles: ['Account manager', 'Sales engineer', 'Tender specialist', 'Partner manager', 'Sales assistant', 'Pricing analyst'],
  },
  {
    label: 'Customer care', teams: ['Support', 'Repairs', 'Field service', 'Training', 'Spare parts', 'Contracts'],
    titles: ['Support specialist', 'Service technician', 'Repair technician', 'Trainer', 'Contract administrator'],
  },
  {
    label: 'Finance', teams: ['Accounting', 'Controlling', 'Payroll', 'Treasury', 'Tax', 'Reporting'],
    titles: ['Accountant', 'Controller', 'Payroll specialist', 'Treasury analyst', 'Tax adviser'],
  },
  {
    label: 'People', teams: ['Recruiting', 'Learning', 'People partners', 'Workplace', 'Benefits', 'Safety'],
    titles: ['Recruiter', 'People partner', 'Office manager', 'Learning designer', 'Safety officer'],
  },
  {
    label: 'Research', teams: ['Photonics', 'Signal processing', 'Materials', 'Metrology', 'Standards', 'Prototypes'],
    titles: ['Physicist', 'Research engineer', 'Data scientist', 'Metrologist', 'Laboratory technician'],
  },
  {
    label: 'Marketing', teams: ['Product marketing', 'Events', 'Content', 'Design', 'Communications', 'Market research'],
    titles: ['Product marketer', 'Designer', 'Copywriter', 'Event manager', 'Market analyst'],
  },
  {
    label: 'Information technology', teams: ['Service desk', 'Networks', 'Security', 'Business systems', 'Data platform', 'Workplace devices'],
    titles: ['System administrator', 'Network engineer', 'Security analyst', 'Business analyst', 'Service desk agent'],
  },
  {
    label: 'Legal', teams: ['Contracts and claims', 'Compliance', 'Patents', 'Export control', 'Privacy', 'Insurance'],
    titles: ['Counsel', 'Compliance officer', 'Patent engineer', 'Paralegal', 'Export officer'],
  },
]

/** Groups that there is one of in each city. */
export const localGroups: readonly (readonly [string, string])[] = [
  ['First aiders', 'Trained, and to be called first when somebody is hurt'],
  ['Fire wardens', 'They lead everybody out, and count'],
  ['Running club', 'Tuesdays and Thursdays, whatever the weather'],
  ['Social committee', 'Plans the summer party and the cake rota'],
]

/** Groups across the company. */
export const companyGroups: readonly (readonly [string, string])[] = [
  ['Works council', 'Elected by all sites'],
  ['Security champions', 'One from each team that writes or runs software'],
  ['Mentors', 'Experienced people with time for newcomers'],
  ['Sustainability circle', 'Proposes each quarter what to waste less of'],
  ['Choir', 'No auditions; Mondays online, once a year in one room'],
  ['Change advisory board', 'Looks at changes to systems that everybody uses'],
]
