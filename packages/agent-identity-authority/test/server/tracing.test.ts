import { context, propagation, SpanKind, trace } from '@opentelemetry/api';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { afterEach, expect, it } from 'vitest';
import { startServer } from '../support/start-server.js';

const exporter = new InMemorySpanExporter();

afterEach(() => {
  exporter.reset();
  trace.disable();
  propagation.disable();
  context.disable();
});

it('each request has a span in the trace of its caller, without secrets', async () => {
  trace.setGlobalTracerProvider(
    new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }),
  );
  propagation.setGlobalPropagator({
    fields: () => ['traceparent'],
    inject: () => {},
    extract(parent, carrier, getter) {
      const [, traceId = '', spanId = ''] = String(getter.get(carrier, 'traceparent')).split('-');
      return trace.setSpanContext(parent, { traceId, spanId, traceFlags: 1, isRemote: true });
    },
  });
  const { url } = await startServer();
  const traceId = '0af7651916cd43dd8448eb211c80319c';
  await fetch(`${url}/v1/admin/agents?cursor=hunter2`, {
    headers: { traceparent: `00-${traceId}-b7ad6b7169203331-01`, authorization: 'Bearer hunter2' },
  });
  const [span] = exporter.getFinishedSpans();
  expect(span?.kind).toBe(SpanKind.SERVER);
  expect(span?.spanContext().traceId).toBe(traceId);
  expect(span?.attributes).toMatchObject({
    'http.request.method': 'GET',
    'http.route': '/v1/admin/agents',
    'http.response.status_code': 401,
  });
  expect(span?.name).toBe('GET /v1/admin/agents');
  expect(JSON.stringify([span?.name, span?.attributes, span?.events])).not.toContain('hunter2');
});
