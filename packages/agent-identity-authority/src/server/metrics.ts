import type { RequestLogEntry } from 'agent-identity-authority-core';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** The metrics of a server, for Prometheus. */
export interface Metrics {
  countAnswer(answered: RequestLogEntry): void;
  countFailure(): void;
  /** When the newest signing key was made. */
  recordSigningKeyCreation(createdAt: number): void;
  /** The text form, and its media type. */
  print(): Promise<{ readonly text: string; readonly contentType: string }>;
}

const prefix = 'agent_identity_authority_';

/** Makes them in a registry of their own. Labels are of fixed sets: nothing that a client sends becomes one. */
export function metrics(connections: () => Promise<number>): Metrics {
  const registers = [new Registry()];
  const [registry] = registers as [Registry];
  collectDefaultMetrics({ register: registry });
  const requests = new Counter({
    name: `${prefix}http_requests_total`,
    help: 'Answered requests.',
    labelNames: ['method', 'route', 'status'],
    registers,
  });
  const durations = new Histogram({
    name: `${prefix}http_request_duration_seconds`,
    help: 'How long requests took to be answered.',
    labelNames: ['method', 'route'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers,
  });
  const failures = new Counter({
    name: `${prefix}failures_total`,
    help: 'What went wrong beneath answers 5xx; each is in the log.',
    registers,
  });
  const signingKey = new Gauge({
    name: `${prefix}signing_key_created_timestamp_seconds`,
    help: 'When the newest signing key was made.',
    registers,
  });
  new Gauge({
    name: `${prefix}http_connections`,
    help: 'Open connections.',
    registers,
    async collect() {
      this.set(await connections());
    },
  });
  return {
    countAnswer({ method, route, status, milliseconds }) {
      requests.inc({ method, route, status });
      durations.observe({ method, route }, milliseconds / 1000);
    },
    countFailure: () => failures.inc(),
    recordSigningKeyCreation: (createdAt) => signingKey.set(createdAt / 1000),
    print: async () => ({ text: await registry.metrics(), contentType: registry.contentType }),
  };
}
