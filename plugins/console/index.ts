// The console: screens for people, made of the definitions. It asks what any client may ask, and has no door of its own to the server.
import { object, string } from 'yup'
import { definePlugin, type Description, type WebFile } from '#sovrane'
import { builtFiles } from './built.ts'
import { described } from './described.ts'
import { consoleScreen, consoleWidget } from './extension.ts'
import { html, missing } from './page.ts'

export { consoleScreen, consoleWidget } from './extension.ts'

/** Pages that mails lead to, below the address of the server wherever the console is. */
const mailedPages = ['/accept-invitation', '/reset-password', '/forgot-password', '/change-password', '/confirm-email'] as const

const environment = object({
  /** `none`: no console. */
  CONSOLE: string().oneOf(['none'] as const),
  /** The path of its pages. */
  CONSOLE_PATH: string()
    .default('/')
    .matches(/^\/(?:[A-Za-z0-9._~-]+\/?)*$/, 'must be a path such as / or /console')
    .test(
      'free',
      'must not be where the server itself answers',
      (path) => !/^\/(?:api|socket\.io|health|metrics|docs)(?:\/|$)/.test(path ?? ''),
    ),
})

export const consolePlugin = definePlugin({
  name: 'console',
  environment,
  setup({ environment: { CONSOLE, CONSOLE_PATH }, publicUrl, log, provided }) {
    if (CONSOLE === 'none') return {}
    const below = CONSOLE_PATH.replace(/\/+$/, '')
    // A proxy may have the server below a path: browsers ask with it, the server is asked without.
    const outer = new URL(publicUrl).pathname.replace(/\/+$/, '')
    const { file, first } = builtFiles(log)
    const page: WebFile = {
      path: below === '' ? '/' : below,
      type: 'text/html; charset=utf-8',
      content: async () => {
        const built = await first()
        const start = `${outer}${below}`
        return built ? html({ assets: `${start}/console/${built.version}/`, start, server: outer, scripts: built.scripts }) : missing
      },
    }
    const description: WebFile = {
      path: `${below}/console/description.json`,
      type: 'application/json; charset=utf-8',
      content: (whole: Description) => JSON.stringify(described(whole, {
        screens: [...provided(consoleScreen).values()],
        widgets: [...provided(consoleWidget).values()],
      })),
    }
    return {
      pages: { Console: `${below}/` },
      files: [description, ...(below === '' ? [] : [page, ...mailedPages.map((path) => ({ ...page, path }))])],
      folders: [
        { folder: `${below}/console/`, find: file },
        { folder: `${below}/`, pages: true, find: () => page },
      ],
    }
  },
})
