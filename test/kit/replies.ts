// What a reply looks like on the wire: as sovrane/testing has it.
export * from '../../testing/replies.ts'
