// A process with many sockets that listen, so that hearing does not hold up the process that asks. Started by crowd.ts.
import { ask } from '../targets/dialect.ts'
import { dialectOf } from '../targets/dialects.ts'
import type { FromCrowd, ToCrowd } from './crowd.ts'
import type { Wire } from './wire.ts'

const wires: Wire[] = []
/** Frames about users that were heard, and changed rows that were read anew. */
let [heard, readAnew] = [0, 0]
let awaited: { readonly what: 'heard' | 'read'; readonly count: number } | undefined
let readsAnew = false

const tell = (message: FromCrowd): void => void process.send?.(message)

const check = (): void => {
  if (!awaited || (awaited.what === 'heard' ? heard : readAnew) < awaited.count) return
  awaited = undefined
  tell({ kind: 'reached', at: Number(process.hrtime.bigint()) / 1e6 })
}

const open = async ({ target, url, tokens, count }: Extract<ToCrowd, { kind: 'open' }>): Promise<void> => {
  const dialect = dialectOf(target)
  const enter = async (): Promise<void> => {
    const wire = await dialect.enter(url, tokens[wires.length % tokens.length] ?? '')
    wires.push(wire)
    wire.onFrame((frame) => {
      if (!frame.startsWith(dialect.userChanged)) return
      heard += 1
      const request = readsAnew ? dialect.readAnew?.(frame) : undefined
      if (request) void ask(dialect, wire, request).then(() => void (readAnew += 1)).then(check)
      else check()
    })
  }
  for (let left = count; left > 0; left -= 20) await Promise.all(Array.from({ length: Math.min(left, 20) }, enter))
  tell({ kind: 'opened' })
}

process.on('message', (message: ToCrowd) => {
  if (message.kind === 'open') void open(message).catch((error: unknown) => tell({ kind: 'failed', message: String(error) }))
  else if (message.kind === 'await') {
    ;[heard, readAnew] = [0, 0]
    readsAnew = message.what === 'read'
    awaited = undefined
    tell({ kind: 'listening' })
  } else if (message.kind === 'until') {
    awaited = message
    check()
  } else process.exit(0)
})
process.on('disconnect', () => process.exit(0))
