// Traces: a span a call, a step and a statement reach a collector; without one nothing of OpenTelemetry is loaded.
import { execFile } from 'node:child_process'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { onEmbedded } from '../kit/databases.ts'
import { longTest } from '../kit/extent.ts'
import { TestServer } from '../kit/test-server.ts'

interface Span {
  readonly name: string
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly attributes: readonly { readonly key: string; readonly value: { readonly stringValue?: string } }[]
}

interface Body {
  readonly resourceSpans: readonly { readonly scopeSpans: readonly { readonly spans: readonly Span[] }[] }[]
}

/** Takes what is sent to it. */
const startCollector = async (): Promise<{ readonly server: Server; readonly url: string; readonly spans: Span[] }> => {
  const spans: Span[] = []
  const server = createServer((request, response) => {
    let text = ''
    request.setEncoding('utf8').on('data', (chunk: string) => void (text += chunk)).on('end', () => {
      if (request.url === '/v1/traces') {
        const { resourceSpans } = JSON.parse(text) as Body
        spans.push(...resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)))
      }
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { server, spans, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

const of = (span: Span, key: string): string | undefined => span.attributes.find((each) => each.key === key)?.value.stringValue

onEmbedded('Traces', () => {
  it('have a span for the call, for each step, for statements, and no value of them', async function () {
    this.timeout(120_000)
    const { server, url, spans } = await startCollector()
    const house = new TestServer('embedded', { environment: { OTEL_EXPORTER_OTLP_ENDPOINT: url } })
    await house.open()
    await house.ok('site-create', { label: 'S3cret', requestId: 'traced-one' }, house.admin)
    await house.close()
    server.close()
    const call = spans.find((span) => of(span, 'sovrane.request_id') === 'traced-one')
    if (!call) throw new Error('there is no span of the call')
    expect(call.name).to.equal('site-create')
    expect(of(call, 'enduser.id')).to.equal(house.admin.id)
    const own = spans.filter(({ traceId }) => traceId === call.traceId)
    const steps = own.filter(({ parentSpanId, name }) => parentSpanId === call.spanId && name !== 'statement')
    expect(steps.map(({ name }) => name)).to.include.members(['parse', 'prepare', 'load', 'authorise', 'handle', 'project'])
    const statements = own.filter(({ name }) => name === 'statement')
    const stepIds = new Set(steps.map(({ spanId }) => spanId))
    const asked = statements.filter(({ parentSpanId = '' }) => stepIds.has(parentSpanId)).map((span) => of(span, 'db.query.text') ?? '')
    expect(asked.join('\n')).to.match(/insert into "?sites/i)
    expect(JSON.stringify(spans)).to.not.contain('S3cret').and.not.contain(house.admin.token)
  })

  const loaded = async (endpoint: string): Promise<string[]> => {
    const script = `
      const { startApp } = await import('./test/kit/server.ts')
      const { app } = await import('./app.ts')
      const running = await startApp(app, 'embedded', ${JSON.stringify(endpoint === '' ? {} : { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint })})
      await running.stop()
      const { Module } = await import('node:module')
      console.log(JSON.stringify(Object.keys(Module._cache)))
      process.exit(0)`
    const words = ['--liftoff-only', '--import=tsx', '--input-type=module', '-e', script]
    const { stdout } = await promisify(execFile)(process.execPath, words, {
      cwd: new URL('../..', import.meta.url), maxBuffer: 64 * 1024 * 1024,
    })
    const files = JSON.parse(stdout.trim().split('\n').at(-1) ?? '[]') as string[]
    // prom-client brings the interface of OpenTelemetry, which does nothing by itself.
    return files.filter((file) => file.includes('@opentelemetry') && !file.includes('@opentelemetry/api/'))
  }

  longTest('load nothing of OpenTelemetry where no collector is named', async function () {
    this.timeout(240_000)
    expect(await loaded('')).to.deep.equal([])
    expect((await loaded('http://127.0.0.1:9')).length, 'the check finds what is loaded').to.be.greaterThan(10)
  })
})
