// Many at once, and waiting for what comes about: as sovrane/testing has it.
export * from '../../testing/wait.ts'
