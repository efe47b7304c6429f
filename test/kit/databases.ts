// Which databases a run has: as sovrane/testing has it.
export * from '../../testing/databases.ts'
