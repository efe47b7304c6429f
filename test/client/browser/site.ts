// The site whose pages are the tabs of the tests with a real browser: of another origin than the server's, as most are.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

export interface Site {
  readonly origin: string
  close(): Promise<void>
}

/** Serves tab.ts, bundled with the client as one would bundle it for people. */
export const serveSite = async (): Promise<Site> => {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('tab.ts', import.meta.url))], bundle: true, minify: true, format: 'esm', platform: 'browser',
    write: false, logLevel: 'silent',
  })
  const script = outputFiles[0]?.text ?? ''
  const server = createServer(({ url }, response) => {
    if (url === '/tab.js') return void response.writeHead(200, { 'content-type': 'text/javascript' }).end(script)
    response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Tab</title><script type="module" src="/tab.js"></script>')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    origin: `http://127.0.0.1:${port}`,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
