import { AsyncLocalStorage } from 'node:async_hooks';
import type { Span } from '@opentelemetry/api';

/** Traces requests with OpenTelemetry, if it is installed. */
export interface Tracing {
  trace(request: Request, handle: () => Promise<Response>): Promise<Response>;
  /** Names the current span after the operation. */
  nameSpan(method: string, route: string): void;
}

const noTracing: Tracing = {
  trace: (_request, handle) => handle(),
  nameSpan: () => {},
};

/**
 * Creates spans with `@opentelemetry/api`, an optional peer dependency. Without it, or without a registered SDK, nothing is
 * recorded. Spans continue the `traceparent` of the request, and record its method, route and status.
 */
export async function openTracing(): Promise<Tracing> {
  const api = await import('@opentelemetry/api').catch(() => undefined);
  if (api === undefined) return noTracing;
  const { context, propagation, SpanKind, SpanStatusCode, trace } = api;
  const tracer = trace.getTracer('agent-identity-authority');
  // The API knows the active span only if an SDK brings a context manager.
  const currentSpan = new AsyncLocalStorage<Span>();
  return {
    trace(request, handle) {
      const parent = propagation.extract(context.active(), request.headers, {
        get: (headers, name) => headers.get(name) ?? undefined,
        keys: (headers) => [...headers.keys()],
      });
      const started = { kind: SpanKind.SERVER, attributes: { 'http.request.method': request.method } };
      return tracer.startActiveSpan(request.method, started, parent, async (span) => {
        try {
          const response = await currentSpan.run(span, handle);
          span.setAttribute('http.response.status_code', response.status);
          if (response.status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
          return response;
        } finally {
          span.end();
        }
      });
    },
    nameSpan(method, route) {
      const span = currentSpan.getStore();
      span?.updateName(`${method.toUpperCase()} ${route}`);
      span?.setAttribute('http.route', route);
    },
  };
}
