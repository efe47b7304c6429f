// The client's address: the peer's, unless the peer is a proxy that the operator trusts.
import type { IncomingMessage } from 'node:http'
import { BlockList, isIP } from 'node:net'

const plain = (address: string): string => (address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address)

const trustedBy = (list: string): BlockList => {
  const trusted = new BlockList()
  for (const entry of list.split(',').map((part) => part.trim()).filter((part) => part !== '')) {
    const [address, bits] = entry === 'loopback' ? ['127.0.0.0', '8'] : entry.split('/')
    const family = isIP(address ?? '')
    if (family === 0 || address === undefined) throw new Error(`TRUST_PROXY: "${entry}" is no address, no network and not "loopback"`)
    trusted.addSubnet(address, bits === undefined ? (family === 4 ? 32 : 128) : Number(bits), family === 4 ? 'ipv4' : 'ipv6')
  }
  return trusted
}

const cache = new Map<string, BlockList>()

const isTrusted = (address: string, list: string): boolean => {
  const known = cache.get(list) ?? trustedBy(list)
  cache.set(list, known)
  const family = isIP(address)
  return family !== 0 && known.check(address, family === 4 ? 'ipv4' : 'ipv6')
}

/** The nearest address that is no trusted proxy. `trustProxy`: addresses and networks, comma-separated. */
export const addressOf = (request: Pick<IncomingMessage, 'headers' | 'socket'>, trustProxy: string): string | undefined => {
  const peer = request.socket.remoteAddress
  if (peer === undefined) return undefined
  const forwarded = request.headers['x-forwarded-for']
  const hops = [...(typeof forwarded === 'string' ? forwarded.split(',').map((hop) => plain(hop.trim())) : []), plain(peer)]
  let address = plain(peer)
  for (const hop of hops.toReversed()) {
    if (isIP(hop) === 0) break
    address = hop
    if (trustProxy === '' || !isTrusted(hop, trustProxy)) break
  }
  return address
}
