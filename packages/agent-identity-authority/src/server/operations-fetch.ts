import { Hono } from 'hono';
import type { Metrics } from './metrics.js';

/** Dependencies of the operations server. */
export interface OperationsParts {
  /** Rejects if requests cannot be handled now. */
  readonly ready: () => Promise<void>;
  readonly metrics: Metrics;
}

/** Creates the `fetch` for health checks, readiness checks and metrics. */
export function createOperationsFetch({
  ready,
  metrics,
}: OperationsParts): (request: Request) => Promise<Response> {
  const app = new Hono();
  app.get('/healthz', (context) => context.json({ status: 'alive' }));
  app.get('/readyz', async (context) => {
    try {
      await ready();
    } catch {
      return context.json({ status: 'not_ready' }, 503, { 'retry-after': '1' });
    }
    return context.json({ status: 'ready' });
  });
  app.get('/metrics', async (context) => {
    const { text, contentType } = await metrics.format();
    return context.body(text, 200, { 'content-type': contentType });
  });
  app.notFound((context) =>
    context.json({ error: { code: 'not_found', message: 'There is no such route.' } }, 404),
  );
  app.onError((_error, context) =>
    context.json({ error: { code: 'internal_error', message: 'The request could not be handled.' } }, 500),
  );
  return async (request) => app.fetch(request);
}
