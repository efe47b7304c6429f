// A file that anyone may read with GET: pages, their scripts and styles, documents. What a plugin contributes of them.
import type { Description } from './description.ts'

export interface WebFile {
  /** Its own, from the root: `/docs`, `/docs/page.js`. */
  readonly path: string
  /** Its media type: `text/html; charset=utf-8`. */
  readonly type: string
  /** What a page may load and whom it may ask; default: what stands at its own origin, and no script or style within the page. */
  readonly policy?: string
  /** Seconds for which a browser need not ask again; default 0: it asks each time, and is told when nothing has changed. */
  readonly maxAge?: number
  /** Its content, the same for everyone; asked for once, when it is first read. */
  content(description: Description): string | Uint8Array | Promise<string | Uint8Array>
}

/** Files below a path that are found when they are asked for; what has a path of its own comes first. */
export interface WebFolder {
  /** From the root, with a slash at its end: `/pages/`. Of two the longer one is asked first. */
  readonly folder: string
  /** Only pages that people go to: requests whose `Accept` names `text/html`. What programs ask for is not found there. */
  readonly pages?: boolean
  /** The file at a path below the folder, such as `list.js`, the same object each time; undefined: there is none. */
  readonly find: (path: string) => WebFile | undefined | Promise<WebFile | undefined>
}

/** The Content-Security-Policy of a file that says nothing of it. */
export const strictPolicy = [
  "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "font-src 'self'", "connect-src 'self'",
  "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
].join('; ')
