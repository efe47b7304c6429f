// The objects of a list in one JSON document, one after the other, however long it is.
import { pipeline, type Readable } from 'node:stream'
import { pick } from 'stream-json/filters/pick.js'
import { streamArray } from 'stream-json/streamers/stream-array.js'
import { FileFault } from './format.ts'

/**
 * What `Resources` of a document has, or the document itself where it is an array.
 * @param start the beginning of the text
 * @throws FileFault where it is not JSON, or breaks off
 */
export async function* objectsIn(path: string, source: Readable, start: string): AsyncGenerator {
  const isArray = start.trimStart().startsWith('[')
  const stages = isArray
    ? [source, streamArray.withParserAsStream()] as const
    : [source, pick.withParserAsStream({ filter: 'Resources' }), streamArray.asStream()] as const
  const objects = stages.length === 2 ? pipeline(...stages, () => undefined) : pipeline(...stages, () => undefined)
  let count = 0
  try {
    for await (const { value } of objects as AsyncIterable<{ readonly value: unknown }>) {
      count += 1
      yield value
    }
  } catch (error) {
    if (error instanceof FileFault) throw error
    const after = count === 0 ? '' : ` after ${count} resources`
    throw new FileFault(`${path} is not a list of SCIM resources in JSON, or breaks off${after}`, { cause: error })
  }
  if (count === 0 && !isArray && !/"Resources"\s*:\s*\[/.test(start))
    throw new FileFault(`${path} has no "Resources": it must be a SCIM list, or a JSON array of resources`)
}
