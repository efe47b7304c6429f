// One request over HTTP: before there is a session, and to find out why no socket can be opened.
import { refusalIn, SovraneError } from './errors.ts'

export interface Http {
  /**
   * @throws SovraneError as the server refuses; `offline` when it cannot be reached; `protocol` when what answers is not a Sovrane server
   */
  post(event: string, payload: object, signal?: AbortSignal): Promise<unknown>
}

const notSovrane = (event: string, response: Response, cause?: unknown): SovraneError => new SovraneError('protocol', {
  message: `What answers at ${response.url} is not a Sovrane server (${response.status} ${response.headers.get('content-type') ?? ''})`,
  event, cause,
})

/** `Retry-After` of what stands in front of the server. Seconds. */
const retryAfterOf = (response: Response): number | undefined => {
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN)
  return Number.isFinite(seconds) && seconds >= 0 ? seconds : undefined
}

const parse = async (event: string, response: Response): Promise<unknown> => {
  const body = await response.text()
  try {
    return JSON.parse(body)
  } catch (cause) {
    // A proxy whose server is away answers a page of its own.
    if ([502, 503, 504].includes(response.status)) {
      const message = `${response.url} answers ${response.status}`
      throw new SovraneError('unavailable', { message, retryAfter: retryAfterOf(response), event })
    }
    throw notSovrane(event, response, cause)
  }
}

/** @param base the server's address without a slash at its end */
export const createHttp = (base: string): Http => ({
  async post(event, payload, signal) {
    let response: Response
    try {
      response = await fetch(`${base}/api/${event}`, {
        method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(payload),
        // A session is in the tokens alone.
        credentials: 'omit', cache: 'no-store', ...(signal ? { signal } : {}),
      })
    } catch (cause) {
      if (signal?.reason instanceof SovraneError) throw signal.reason
      throw new SovraneError('offline', { message: `${base} cannot be reached`, event, cause })
    }
    const reply = await parse(event, response)
    const refusal = refusalIn(reply, event)
    if (refusal) throw refusal
    // Another server's JSON.
    if (!response.ok) throw notSovrane(event, response)
    return reply
  },
})
