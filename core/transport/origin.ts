// Which web pages may talk to this server. CORS headers alone do not stop a WebSocket; this does.
import type { IncomingMessage } from 'node:http'

export interface OriginCheck {
  /** Whether a request may go on: it comes from no web page, or from one that may ask. */
  allows(request: Pick<IncomingMessage, 'headers' | 'socket'>): boolean
}

export interface OriginOptions {
  /** Further origins, comma-separated. */
  readonly list: string
  /** Where people reach the server. */
  readonly publicUrl?: string | undefined
  /** The name or address that it listens on. */
  readonly host: string
}

const form = /^([a-z][a-z0-9+.-]*):\/\/([^/?#@\\\s*]+)\/?$/i
const webHost = /^(?:[a-z0-9_][a-z0-9_-]*(?:\.[a-z0-9_-]+)*\.?|\[[0-9a-f:.]+\])$/
const shellHost = /^[a-z0-9._-]+(?::\d{1,5})?$/
/** Schemes that pages never have, and misspellings of http and https. */
const noScheme = /^(?:h*t+p+s*|wss?|ftps?|file|data|blob|javascript|about|mailto|null|localhost)$/

/** An origin as browsers write it; undefined when it is none. Shells of mobile apps and extensions have schemes of their own. */
const parseOrigin = (text: string): string | undefined => {
  const [, scheme = '', host = ''] = form.exec(text) ?? []
  if (host === '') return undefined
  if (!/^https?$/i.test(scheme)) {
    const own = `${scheme}://${host}`.toLowerCase()
    return noScheme.test(scheme.toLowerCase()) || !shellHost.test(host.toLowerCase()) ? undefined : own
  }
  if (!URL.canParse(text)) return undefined
  const url = new URL(text)
  return webHost.test(url.hostname) ? url.origin : undefined
}

const entries = (list: string): string[] => list.split(',').map((entry) => entry.trim()).filter((entry) => entry !== '')

/** What stands before an @ may be a secret. */
const shown = (entry: string): string => `"${entry.slice(entry.lastIndexOf('@') + 1).slice(0, 60)}"`

/** What is wrong with a list of origins. */
export const originFault = (list: string): string | undefined => {
  const wrong = entries(list).filter((entry) => parseOrigin(entry) === undefined)
  if (wrong.length === 0) return undefined
  return `${wrong.slice(0, 3).map(shown).join(', ')}: an origin is like https://app.example.com or capacitor://localhost, without path and wildcard`
}

const isLoopback = (hostname: string): boolean =>
  hostname === 'localhost' || hostname.endsWith('.localhost') || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname)

/**
 * Whether a request names this machine as the one that it asks. Anyone who owns evil.example can let it lead here, and a page of theirs
 * then reads what is of its own origin, which browsers name in no header but `Host`.
 */
export const asksHere = ({ headers: { host } }: Pick<IncomingMessage, 'headers'>): boolean =>
  URL.canParse(`http://${host ?? ''}`) && isLoopback(new URL(`http://${host ?? ''}`).hostname)

const portOf = ({ port, protocol }: URL): number => (port !== '' ? Number(port) : protocol === 'https:' ? 443 : 80)

/**
 * The server's own origin, none, and those of `list`. Source: docs/protocol.md §8.
 * The own one is that of `publicUrl`, or where it listens. The header `Host` says nothing about a name: anyone who owns
 * evil.example can let it lead here. Only of loopback, where no name leads elsewhere, it may tell the port.
 * @throws Error when `list` holds something else than origins
 */
export const originCheck = ({ list, publicUrl, host }: OriginOptions): OriginCheck => {
  const fault = originFault(list)
  if (fault !== undefined) throw new Error(`CORS_ORIGIN: ${fault}`)
  const allowed = new Set(entries(list).map((entry) => parseOrigin(entry)))
  if (publicUrl !== undefined) allowed.add(new URL(publicUrl).origin)
  const listening = (host.includes(':') ? `[${host}]` : host).toLowerCase()

  const isOwn = (origin: string, asked: string | undefined, port: number | undefined): boolean => {
    if (!URL.canParse(origin)) return false
    const url = new URL(origin)
    if (!isLoopback(url.hostname)) return url.hostname === listening && portOf(url) === port
    return url.host === asked?.toLowerCase() || portOf(url) === port
  }

  return {
    allows({ headers, socket }) {
      if (headers.origin === undefined) return true
      // `null` is the origin of sandboxed and local pages: no one in particular.
      const origin = parseOrigin(headers.origin)
      if (origin === undefined || origin !== headers.origin) return false
      return allowed.has(origin) || (origin.startsWith('http') && isOwn(origin, headers.host, socket.localPort))
    },
  }
}
