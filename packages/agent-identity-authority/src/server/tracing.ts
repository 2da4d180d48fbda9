import { AsyncLocalStorage } from 'node:async_hooks';
import type { Span } from '@opentelemetry/api';

/** Puts the answering of a request into a span, where OpenTelemetry is there. */
export interface Tracing {
  traced(request: Request, answer: () => Promise<Response>): Promise<Response>;
  /** Names the span under way by the operation. */
  nameSpan(method: string, route: string): void;
}

const untraced: Tracing = {
  traced: (_request, answer) => answer(),
  nameSpan: () => {},
};

/**
 * Spans by `@opentelemetry/api`, an optional peer: without it, or without an SDK that is registered with it, nothing is
 * recorded. They follow the `traceparent` of the request and hold the method, the route and the status.
 */
export async function openTracing(): Promise<Tracing> {
  const api = await import('@opentelemetry/api').catch(() => undefined);
  if (api === undefined) return untraced;
  const { context, propagation, SpanKind, SpanStatusCode, trace } = api;
  const tracer = trace.getTracer('agent-identity-authority');
  // Of our own: the API knows the active span only where an SDK brought a context manager.
  const underWay = new AsyncLocalStorage<Span>();
  return {
    traced(request, answer) {
      const parent = propagation.extract(context.active(), request.headers, {
        get: (headers, name) => headers.get(name) ?? undefined,
        keys: (headers) => [...headers.keys()],
      });
      const started = { kind: SpanKind.SERVER, attributes: { 'http.request.method': request.method } };
      return tracer.startActiveSpan(request.method, started, parent, async (span) => {
        try {
          const response = await underWay.run(span, answer);
          span.setAttribute('http.response.status_code', response.status);
          if (response.status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
          return response;
        } finally {
          span.end();
        }
      });
    },
    nameSpan(method, route) {
      const span = underWay.getStore();
      span?.updateName(`${method.toUpperCase()} ${route}`);
      span?.setAttribute('http.route', route);
    },
  };
}
