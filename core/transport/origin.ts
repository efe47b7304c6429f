// Which web pages may talk to this server. CORS headers alone do not stop a WebSocket; this does.

export interface OriginCheck {
  /** Whether a request with these headers may go on. */
  allows(headers: { readonly origin?: string | undefined; readonly host?: string | undefined }): boolean
}

const normal = (origin: string): string | undefined => (URL.canParse(origin) ? new URL(origin).origin : undefined)

/** The server's own origin, none, and those of `list` (comma-separated). Source: wire contract §8. */
export const originCheck = (list: string): OriginCheck => {
  const allowed = new Set(list.split(',').map((origin) => origin.trim()).filter((origin) => origin !== '').map((origin) => normal(origin) ?? origin))
  return {
    allows({ origin, host }) {
      if (origin === undefined) return true
      const asked = normal(origin)
      // `null` is the origin of sandboxed and local pages: nobody in particular.
      if (asked === undefined || asked === 'null' || asked !== origin) return false
      return allowed.has(asked) || new URL(asked).host === host
    },
  }
}
