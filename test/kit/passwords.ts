// The passwords of people in tests: those of sovrane/testing.
export * from '../../testing/passwords.ts'
