// Raw HTTP requests: those of sovrane/testing.
export * from '../../testing/http.ts'
