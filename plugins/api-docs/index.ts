// The API for readers: documents for programs, and a page for people, all made of the definitions. `DOCS=none` turns them off.
import { object, string } from 'yup'
import { definePlugin, type WebFile } from '#sovrane'
import { asyncapi } from './asyncapi.ts'
import { openapi } from './openapi.ts'
import { css, html } from './page.ts'
import { scriptNames, scripts } from './scripts.ts'

const json = 'application/json; charset=utf-8'

const files: readonly WebFile[] = [
  { path: '/docs', type: 'text/html; charset=utf-8', content: () => html(scriptNames) },
  { path: '/docs/page.css', type: 'text/css; charset=utf-8', content: () => css },
  ...scripts('/docs'),
  { path: '/openapi.json', type: json, content: (description) => JSON.stringify(openapi(description)) },
  { path: '/asyncapi.json', type: json, content: (description) => JSON.stringify(asyncapi(description)) },
]

export const apiDocs = definePlugin({
  name: 'api-docs',
  environment: object({
    /** `none`: no page and no documents. */
    DOCS: string().oneOf(['none'] as const),
  }),
  commands: { docs: { about: 'writes the description of the API', load: () => import('./command.ts') } },
  setup: ({ environment: { DOCS } }) => ({ files: DOCS === 'none' ? [] : files }),
})
