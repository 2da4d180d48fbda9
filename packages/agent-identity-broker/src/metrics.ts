import { Counter, Histogram, Registry } from 'prom-client';
import type { BrokerLogEntry } from './broker-log-entry.js';

/** The Prometheus metrics of a broker. */
export interface BrokerMetrics {
  /** Counts a request: give it to `startBroker`, or call it from your own `onRequest`. */
  readonly onRequest: (entry: BrokerLogEntry) => void;
  /** Returns the text format and its media type. Holds no secret. */
  format(): Promise<{ readonly text: string; readonly contentType: string }>;
}

const prefix = 'agent_identity_broker_';

/**
 * Creates metrics in a registry of their own: requests by rule, status and refusal, their duration, how often they were sent again,
 * and bytes. Labels come from the rules and from fixed sets, never from clients.
 *
 * @example
 * ```ts
 * import { type StartBrokerOptions, startBroker } from 'agent-identity-broker';
 * import { createBrokerMetrics } from 'agent-identity-broker/metrics';
 *
 * async function startMeasuredBroker(options: StartBrokerOptions) {
 *   const metrics = createBrokerMetrics();
 *   const broker = await startBroker({ ...options, onRequest: metrics.onRequest });
 *   return { broker, metrics };
 * }
 * ```
 */
export function createBrokerMetrics(): BrokerMetrics {
  const registry = new Registry();
  const registers = [registry];
  const requests = new Counter({
    name: `${prefix}requests_total`,
    help: 'Handled requests; the refusal is empty if the provider answered.',
    labelNames: ['rule', 'status', 'refusal'],
    registers,
  });
  const durations = new Histogram({
    name: `${prefix}request_duration_seconds`,
    help: 'From a request to the end of its response.',
    labelNames: ['rule'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
    registers,
  });
  const repeats = new Counter({
    name: `${prefix}repeated_attempts_total`,
    help: 'Requests that were sent again, because their task was replaced or the clock corrected.',
    registers,
  });
  const bytes = new Counter({
    name: `${prefix}body_bytes_total`,
    help: 'Bytes of bodies.',
    labelNames: ['direction'],
    registers,
  });
  return {
    onRequest({ rule = 'none', status, refusal = '', attempts, requestBytes, responseBytes, milliseconds }) {
      requests.inc({ rule, status: String(status), refusal });
      durations.observe({ rule }, milliseconds / 1000);
      repeats.inc(Math.max(attempts - 1, 0));
      bytes.inc({ direction: 'request' }, requestBytes);
      bytes.inc({ direction: 'response' }, responseBytes);
    },
    format: async () => ({ text: await registry.metrics(), contentType: registry.contentType }),
  };
}
