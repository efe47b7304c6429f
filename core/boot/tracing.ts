// Traces for OpenTelemetry: a span a call, a step and a statement. Loaded only where OTEL_EXPORTER_OTLP_ENDPOINT is set.
import { AsyncLocalStorage } from 'node:async_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, type Span } from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node'
import type { CallTracing } from '../call/call.ts'
import type { OnStatement } from '../db/connection.ts'
import { AppError } from '../define/errors.ts'

export interface Tracing extends CallTracing {
  readonly onStatement: OnStatement
  /** Sends what is left, if the collector takes it soon. */
  stop(): Promise<void>
}

/** Characters of a statement that are told. */
const longest = 2000
/** Milliseconds that a collector has at the end: one that is away must not hold the process up. */
const patience = 2000

/** What a call has open: its own span, and that of the step that it is at. */
interface Open {
  readonly call: Span
  step?: Span
}

/** Values are not in a statement, but for those that are written into a message of several; what is text there may be a secret. */
const withoutTexts = (sql: string): string => sql.replaceAll(/'(?:[^']|'')*'/g, "'?'").slice(0, longest)

export interface TracingOptions {
  /** The collector's address, to which `/v1/traces` is added. */
  readonly endpoint: string
  readonly service: string
}

/** What clients did wrong does not count as a failure of the server. */
const fail = (span: Span, error: unknown): void => {
  const code = error instanceof AppError ? error.code : 'internal'
  span.setAttribute('sovrane.code', code)
  if (code === 'internal' || code === 'unavailable') span.setStatus({ code: SpanStatusCode.ERROR, message: code })
}

export const startTracing = ({ endpoint, service }: TracingOptions): Tracing => {
  const exporter = new OTLPTraceExporter({ url: `${endpoint.replace(/\/+$/, '')}/v1/traces` })
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': service }), spanProcessors: [new BatchSpanProcessor(exporter)],
  })
  const tracer = provider.getTracer('sovrane')
  // Not the global one of OpenTelemetry: two servers in one process do not share it.
  const calls = new AsyncLocalStorage<Open>()
  const below = ({ call, step = call }: Open) => trace.setSpan(ROOT_CONTEXT, step)

  return {
    async traced(event, attributes, run) {
      const outer = calls.getStore()
      const kind = outer ? SpanKind.INTERNAL : SpanKind.SERVER
      const open: Open = { call: tracer.startSpan(event, { kind, attributes }, outer ? below(outer) : ROOT_CONTEXT) }
      try {
        return await calls.run(open, run)
      } catch (error) {
        fail(open.call, error)
        throw error
      } finally {
        open.step?.end()
        open.call.end()
      }
    },
    onStep(step) {
      const open = calls.getStore()
      if (!open) return
      open.step?.end()
      open.step = tracer.startSpan(step, {}, trace.setSpan(ROOT_CONTEXT, open.call))
    },
    onStatement(sql, pool) {
      const open = calls.getStore()
      // The relay is woken by a call, and belongs to none.
      if (!open || pool === 'upkeep') return undefined
      const attributes = { 'db.system.name': 'postgresql', 'db.query.text': withoutTexts(sql) }
      const span = tracer.startSpan('statement', { kind: SpanKind.CLIENT, attributes }, below(open))
      return (error) => {
        if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR })
        span.end()
      }
    },
    async stop() {
      await Promise.race([provider.shutdown().catch(() => undefined), sleep(patience, undefined, { ref: false })])
    },
  }
}
