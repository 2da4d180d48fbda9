import * as z from 'zod';
import type { Operation, Route } from './operation.js';

const operation: Operation = {
  operationId: 'readMetrics',
  method: 'get',
  path: '/v1/admin/metrics',
  summary: 'Returns the metrics of the node that responds, in the text format of Prometheus',
  access: 'administrator',
  response: { description: 'Metrics', schema: z.string(), mediaType: 'text/plain' },
  errors: [],
};

/** Creates the route of the metrics. They have no secrets, but say how much an authority is used. */
export function createAdminMetricsRoute(readMetrics: () => Promise<string>): Route {
  return {
    operation,
    handle: async (context) =>
      context.body(await readMetrics(), 200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }),
  };
}
