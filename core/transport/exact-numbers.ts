// Numbers that JavaScript would change while it reads them. They are seen in the text alone: once parsed, no one can tell.
import { Decoder, Encoder, type Packet } from 'socket.io-parser'

/** JSON for what no number holds: read as infinity, it is refused where every payload is looked through, with its path. */
const inexact = '1e999'

/** Only long digits and exponents can be changed; most texts need no closer look. */
const suspicious = /[\d.]{16}|\d[eE]/
const numeral = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y

/** A number's digits and the place of its point, one form for `10`, `1e1` and `10.0`. */
const decimal = (literal: string): string => {
  const [mantissa = '', exponent = '0'] = literal.toLowerCase().split('e')
  const [whole = '', fraction = ''] = mantissa.replace('-', '').split('.')
  const all = `${whole}${fraction}`.replace(/^0+/, '')
  const digits = all.replace(/0+$/, '')
  return digits === ''
    ? '0'
    : `${literal.startsWith('-') ? '-' : ''}${digits}e${BigInt(exponent) - BigInt(fraction.length) + BigInt(all.length - digits.length)}`
}

/** Whether JavaScript gives a number back as it was written. Integers must be safe ones: beyond, each stands for several. */
const isExact = (literal: string): boolean => {
  const value = Number(literal)
  if (!Number.isFinite(value)) return false
  if (!/[eE]/.test(literal) && Number.isInteger(value) && !Number.isSafeInteger(value)) return false
  return decimal(literal) === decimal(String(value))
}

/** Where the text goes on after the string that begins at `start`. */
const afterString = (text: string, start: number): number => {
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1
    else if (text[at] === '"') return at + 1
  }
  return text.length
}

/** JSON with every number that would be changed made one that is refused. Linear in the length. */
export const markInexact = (json: string): string => {
  if (!suspicious.test(json)) return json
  const parts: string[] = []
  let taken = 0
  for (let at = 0; at < json.length;) {
    if (json[at] === '"') {
      at = afterString(json, at)
      continue
    }
    numeral.lastIndex = at
    const [literal] = numeral.exec(json) ?? []
    if (literal !== undefined && !isExact(literal)) {
      parts.push(json.slice(taken, at), inexact)
      taken = at + literal.length
    }
    at += literal?.length ?? 1
  }
  return parts.length === 0 ? json : `${parts.join('')}${json.slice(taken)}`
}

/** An event of Socket.IO: its type, attachments, namespace and number, then JSON. */
const eventHead = /^[25](?:\d+-)?(?:\/[^,]*,)?\d*/

class ExactDecoder extends Decoder {
  override add(packet: unknown): void {
    const [head] = typeof packet === 'string' ? eventHead.exec(packet) ?? [] : []
    super.add(typeof packet === 'string' && head !== undefined ? `${head}${markInexact(packet.slice(head.length))}` : packet)
  }
}

/** What is sent is JSON: it need not be looked through for buffers, which costs more than to write it. */
class JsonEncoder extends Encoder {
  override encode({ type, nsp, id, data }: Packet): string[] {
    const namespace = nsp === '/' ? '' : `${nsp},`
    return [`${type}${namespace}${id ?? ''}${data === undefined ? '' : JSON.stringify(data)}`]
  }
}

/** Socket.IO's own parser, but for such numbers; only text leaves. */
export const exactParser = { Encoder: JsonEncoder, Decoder: ExactDecoder }
