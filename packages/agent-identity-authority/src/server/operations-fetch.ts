import { Hono } from 'hono';
import type { Metrics } from './metrics.js';

/** What the operations server tells of. */
export interface OperationsParts {
  /** Rejects, or takes too long, where requests could not be answered now. */
  readonly ready: () => Promise<void>;
  readonly metrics: Metrics;
}

/** Health, readiness and metrics. */
export function operationsFetch({
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
    const { text, contentType } = await metrics.print();
    return context.body(text, 200, { 'content-type': contentType });
  });
  app.notFound((context) =>
    context.json({ error: { code: 'not_found', message: 'There is nothing here.' } }, 404),
  );
  app.onError((_error, context) =>
    context.json({ error: { code: 'internal_error', message: 'The request could not be handled.' } }, 500),
  );
  return async (request) => app.fetch(request);
}
