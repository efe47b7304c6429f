// The client's address: the peer's, unless the peer is a proxy that the operator trusts.
import type { IncomingMessage } from 'node:http'
import { BlockList, isIP, isIPv6 } from 'node:net'

type Request = Pick<IncomingMessage, 'headers' | 'socket'>

/** The eight words of an IPv6 address as numbers. */
const wordsOf = (address: string): number[] => {
  const { hostname } = new URL(`http://[${address}]`)
  const [head = '', tail] = hostname.slice(1, -1).split('::')
  const numbers = (part: string): number[] => (part === '' ? [] : part.split(':').map((word) => Number.parseInt(word, 16)))
  const [left, right] = [numbers(head), numbers(tail ?? '')]
  return [...left, ...Array<number>(8 - left.length - right.length).fill(0), ...right]
}

/** One spelling of each address: IPv6 in lower case and short, without a zone; a mapped IPv4 address as IPv4. */
const canonical = (text: string): string | undefined => {
  const address = text.replace(/%.*$/, '')
  if (isIP(address) === 4) return address
  if (!isIPv6(address)) return undefined
  const words = wordsOf(address)
  const isMapped = words.slice(0, 5).every((word) => word === 0) && words[5] === 0xff_ff
  if (!isMapped) return new URL(`http://[${address}]`).hostname.slice(1, -1)
  return words.slice(6).flatMap((word) => [word >> 8, word & 0xff]).join('.')
}

/** Whether the other end is on this machine. */
export const isLoopback = (address: string | undefined): boolean => {
  const plain = canonical(address ?? '')
  return plain !== undefined && (plain === '::1' || plain.startsWith('127.'))
}

/** An address as proxies write it: bare, in brackets, with a port. */
const hopOf = (text: string): string | undefined => {
  const bare = text.trim().replace(/^"(.*)"$/, '$1')
  const [, bracketed, dotted] = /^\[([^\]]+)\](?::\d{1,5})?$|^(\d+\.\d+\.\d+\.\d+):\d{1,5}$/.exec(bare) ?? []
  return canonical(bracketed ?? dotted ?? bare)
}

/** Whose limits an address shares: an IPv6 customer has a /64, and each address in it is their own choice. */
export const networkOf = (address: string): string => {
  if (!isIPv6(address.replace(/%.*$/, ''))) return address
  return `${wordsOf(address.replace(/%.*$/, '')).slice(0, 4).map((word) => word.toString(16)).join(':')}::/64`
}

interface Network {
  readonly address: string
  readonly bits: number
}

const mappedBits = 96

/** The networks of an entry; undefined when it is neither address nor network. */
const networksOf = (entry: string): Network[] | undefined => {
  if (entry === 'loopback') return [{ address: '127.0.0.0', bits: 8 }, { address: '::1', bits: 128 }]
  const [, text = '', given] = /^([^/%]+?)(?:\/(\d{1,3}))?$/.exec(entry) ?? []
  const address = canonical(text)
  if (address === undefined) return undefined
  const written = isIP(text) === 4 ? 32 : 128
  const bits = given === undefined ? written : Number(given)
  // 0 would trust whatever anyone says of themselves.
  if (bits < 1 || bits > written) return undefined
  if (isIP(address) === isIP(text)) return [{ address, bits }]
  return bits > mappedBits ? [{ address, bits: bits - mappedBits }] : undefined
}

const entriesOf = (list: string): string[] => list.split(',').map((part) => part.trim()).filter((part) => part !== '')

/** What is wrong with a list of proxies. */
export const trustFault = (list: string): string | undefined => {
  const wrong = entriesOf(list).filter((entry) => networksOf(entry) === undefined)
  if (wrong.length === 0) return undefined
  const shown = wrong.slice(0, 3).map((entry) => `"${entry.slice(0, 60)}"`).join(', ')
  return `${shown}: a proxy is an address, a network such as 10.0.0.0/8, or the word loopback`
}

/** How many hops are looked at: a client may write any number of them. */
const longest = 32

/**
 * Reads the nearest address that is not a trusted proxy. `trusted`: addresses and networks, comma-separated.
 * @throws Error when `trusted` holds anything else
 */
export const addressReader = (trusted: string): ((request: Request) => string | undefined) => {
  const fault = trustFault(trusted)
  if (fault !== undefined) throw new Error(`TRUST_PROXY: ${fault}`)
  const proxies = new BlockList()
  for (const { address, bits } of entriesOf(trusted).flatMap((entry) => networksOf(entry) ?? [])) {
    proxies.addSubnet(address, bits, isIPv6(address) ? 'ipv6' : 'ipv4')
  }
  const isProxy = (address: string): boolean => proxies.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')
  return ({ headers, socket }) => {
    const peer = canonical(socket.remoteAddress ?? '')
    if (trusted === '' || peer === undefined || !isProxy(peer)) return peer
    // Several headers of the name arrive as one list.
    const forwarded = String(headers['x-forwarded-for'] ?? '').split(',').filter((hop) => hop.trim() !== '').slice(-longest)
    let address = peer
    for (const text of forwarded.toReversed()) {
      const hop = hopOf(text)
      if (hop === undefined) break
      address = hop
      if (!isProxy(hop)) break
    }
    return address
  }
}
