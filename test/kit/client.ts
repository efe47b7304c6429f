// A Socket.IO client that remembers everything it hears: the one of sovrane/testing.
export * from '../../testing/client.ts'
