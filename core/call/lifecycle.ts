// The order of every call, once. `docs/lifecycle.md` is drawn from this constant and a test compares the two.

export const lifecycle = [
  'gate', // size, depth, NUL, surrogates: before anything recursive runs
  'admit', // who calls, and may they still
  'around', // hooks around all that follows
  'parse', // the input against its schema; unknown fields are refused
  'prepare', // slow work that needs no transaction, such as hashing
  'begin', // a mutation's transaction
  'load', // the row as it is, locked in mutations
  'authorise', // the rights on that row
  'before', // hooks that may change the input
  'reparse', // what hooks made of the input is checked like a client's
  'decide', // the change, stated; the rights on both ends of it; the guard of its resource
  'handle', // the work itself
  'after', // hooks in the transaction; throwing rolls back
  'project', // only the fields that the actor may read, by their rights on the row as it now is
  'commit', // once the actor's rights are found to be those it decided by
  'committed', // hooks that can no longer fail the call
  'reply',
] as const

export type Step = (typeof lifecycle)[number]
