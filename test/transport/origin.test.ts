// Which origins may ask: the server's own whatever `Host` says, those that are listed, and what is no origin at all.
import { expect } from 'chai'
import type { IncomingMessage } from 'node:http'
import { originCheck, originFault, type OriginOptions } from '../../core/transport/origin.ts'

const allows = (origin: string | undefined, host: string, options: Partial<OriginOptions> = {}): boolean =>
  originCheck({ list: '', host: '127.0.0.1', ...options })
    .allows({ headers: { host, ...(origin === undefined ? {} : { origin }) }, socket: { localPort: 3000 } } as unknown as IncomingMessage)

describe('transport: the server\'s own origin', () => {
  for (const origin of ['http://127.0.0.1:3000', 'http://localhost:3000', 'http://app.localhost:3000', 'http://[::1]:3000', 'https://localhost:3000', 'http://127.8.9.1:3000']) {
    it(`${origin} is`, () => expect(allows(origin, '127.0.0.1:3000')).to.equal(true))
  }
  it('is loopback behind another port, as of a container', () => expect(allows('http://localhost:8080', 'localhost:8080')).to.equal(true))
  it('is not another server on loopback', () => expect(allows('http://localhost:5173', 'localhost:3000')).to.equal(false))

  // Whoever owns a name can let it lead here: the browser then says both, and both agree.
  for (const host of ['evil.example', 'evil.example:3000', 'localhost.evil.example:3000', '127.0.0.1.evil.example:3000', '10.0.0.5:3000', '0.0.0.0:3000', '127.0.0.1.:3000x']) {
    it(`http://${host} is not, though Host says so`, () => expect(allows(`http://${host}`, host)).to.equal(false))
  }

  it('is that of PUBLIC_URL', () => {
    const options = { publicUrl: 'https://app.example.com/base' }
    expect(allows('https://app.example.com', 'anything', options)).to.equal(true)
    for (const origin of ['http://app.example.com', 'https://app.example.com:3000', 'https://app.example.com.evil.example'])
      expect(allows(origin, 'app.example.com', options), origin).to.equal(false)
  })

  it('is the name or address that it listens on', () => {
    expect(allows('http://192.0.2.1:3000', 'x', { host: '192.0.2.1' })).to.equal(true)
    expect(allows('http://[2001:db8::1]:3000', 'x', { host: '2001:db8::1' })).to.equal(true)
    expect(allows('http://192.0.2.1:3001', '192.0.2.1:3001', { host: '192.0.2.1' })).to.equal(false)
  })

  it('none may ask; null, an empty one and lists may not', () => {
    expect(allows(undefined, 'evil.example')).to.equal(true)
    for (const origin of ['null', '', 'http://localhost:3000, http://evil.example', 'http://LOCALHOST:3000', 'http://localhost:3000/', 'http://a@localhost:3000', 'localhost:3000']) {
      expect(allows(origin, 'localhost:3000'), origin).to.equal(false)
    }
  })
})

describe('transport: CORS_ORIGIN', () => {
  const right: Readonly<Record<string, string>> = {
    'https://app.example.com': 'https://app.example.com',
    'https://Upper.Example.com/': 'https://upper.example.com',
    'https://app.example.com:443': 'https://app.example.com',
    'http://localhost:5173': 'http://localhost:5173',
    'https://münchen.example': 'https://xn--mnchen-3ya.example',
    'http://[2001:db8::1]:8080': 'http://[2001:db8::1]:8080',
    'capacitor://localhost': 'capacitor://localhost',
    'ionic://localhost': 'ionic://localhost',
    'tauri://localhost': 'tauri://localhost',
    'app://localhost': 'app://localhost',
    'app://-': 'app://-',
    'Capacitor://LocalHost/': 'capacitor://localhost',
    'chrome-extension://abcdefghijklmnopabcdefghijklmnop': 'chrome-extension://abcdefghijklmnopabcdefghijklmnop',
    'moz-extension://3c6bf3f2-8b6b-4a6e-9a0e-0d6d3d5b1d7a': 'moz-extension://3c6bf3f2-8b6b-4a6e-9a0e-0d6d3d5b1d7a',
  }
  for (const [entry, origin] of Object.entries(right)) {
    it(`${entry} lets ${origin} ask, and nobody else`, () => {
      const list = `https://first.example, ${entry} ,`
      expect(originFault(list)).to.equal(undefined)
      expect(allows(origin, 'x', { list })).to.equal(true)
      for (const other of [`${origin}.evil.example`, 'https://evil.example', 'capacitor://evil', 'null'])
        expect(allows(other, 'x', { list }), other).to.equal(false)
    })
  }

  const wrong = ['localhost:5173', 'app.example.com', 'https://*.example.com', '*', 'https://app.example.com/path', 'https//app.example.com', 'https:app.example.com', 'https:/app.example.com',
    'https://', 'https:///app.example.com', 'https://app.example.com?x', 'https://app.example.com#x', 'https://app.example.com\\', 'https://a.example https://b.example', 'https://app.example.com:99999',
    'https://app..example.com', 'https://.example.com', 'htps://app.example.com', 'htttp://app.example.com', 'hhtps://app.example.com', 'ws://app.example.com', 'wss://app.example.com', 'file://', 'file://x', 'null',
    'true', 'capacitor://', 'capacitor://*', 'capacitor://localhost/path', 'https://exa%mple.com']
  for (const entry of wrong) {
    it(`"${entry}" is none, and named`, () => {
      expect(originFault(`https://app.example.com, ${entry}`)).to.include(`"${entry}"`)
      expect(() => originCheck({ list: entry, host: '127.0.0.1' })).to.throw('CORS_ORIGIN')
    })
  }

  it('a password in it is not repeated', () =>
    expect(originFault('https://me:hush@app.example.com')).to.include('"app.example.com"').and.not.include('hush'))
})
