import type { RequestLogEntry, RowCounts } from 'agent-identity-authority-core';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** The Prometheus metrics of a server. */
export interface Metrics {
  countResponse(entry: RequestLogEntry): void;
  countFailure(): void;
  /** Records when the newest signing key was created. */
  recordSigningKeyCreation(createdAt: number): void;
  /** Counts ended rows that were removed. */
  countRemovedRows(removed: Partial<RowCounts>): void;
  /** Returns the text format and its media type. */
  format(): Promise<{ readonly text: string; readonly contentType: string }>;
}

const prefix = 'agent_identity_authority_';

/** What is read when the metrics are. */
export interface MetricsSources {
  readonly connections: () => Promise<number>;
  /** Rejects if the store does not answer. */
  readonly rows: () => Promise<RowCounts>;
}

/** The label of each kind of row. */
const rowKinds: Readonly<Record<keyof RowCounts, string>> = {
  agentRuntimes: 'agent_runtime',
  agentTasks: 'agent_task',
  runtimeAgentInstances: 'runtime_agent_instance',
  auditEntries: 'audit_entry',
  waitingAuditEntries: 'waiting_audit_entry',
};

/** Creates the metrics in their own registry. Labels come from fixed sets, never from clients. */
export function createMetrics({ connections, rows }: MetricsSources): Metrics {
  const registers = [new Registry()];
  const [registry] = registers as [Registry];
  collectDefaultMetrics({ register: registry });
  const requests = new Counter({
    name: `${prefix}http_requests_total`,
    help: 'Handled requests.',
    labelNames: ['method', 'route', 'status'],
    registers,
  });
  const durations = new Histogram({
    name: `${prefix}http_request_duration_seconds`,
    help: 'The duration of requests.',
    labelNames: ['method', 'route'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers,
  });
  const failures = new Counter({
    name: `${prefix}failures_total`,
    help: 'Failures behind 5xx responses; each is in the log.',
    registers,
  });
  const signingKey = new Gauge({
    name: `${prefix}signing_key_created_timestamp_seconds`,
    help: 'When the newest signing key was created.',
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
  const { countRemovedRows } = createRowMetrics(rows, registers);
  return {
    countRemovedRows,
    countResponse({ method, route, status, milliseconds }) {
      requests.inc({ method, route, status });
      durations.observe({ method, route }, milliseconds / 1000);
    },
    countFailure: () => failures.inc(),
    recordSigningKeyCreation: (createdAt) => signingKey.set(createdAt / 1000),
    format: async () => ({ text: await registry.metrics(), contentType: registry.contentType }),
  };
}

function createRowMetrics(rows: MetricsSources['rows'], registers: Registry[]) {
  const removedRows = new Counter({
    name: `${prefix}removed_rows_total`,
    help: 'Rows that were removed because they ended long ago.',
    labelNames: ['kind'],
    registers,
  });
  new Gauge({
    name: `${prefix}rows`,
    help: 'Rows in the store; an estimate above 100,000. Missing while the store does not answer.',
    labelNames: ['kind'],
    registers,
    async collect() {
      this.reset();
      const counts = await rows().catch(() => ({}));
      for (const [kind, count] of labelled(counts)) this.set({ kind }, count);
    },
  });
  return {
    countRemovedRows(removed: Partial<RowCounts>): void {
      for (const [kind, count] of labelled(removed)) removedRows.inc({ kind }, count);
    },
  };
}

function labelled(counts: Partial<RowCounts>): [kind: string, count: number][] {
  return (Object.keys(rowKinds) as (keyof RowCounts)[]).flatMap((name) => {
    const count = counts[name];
    return count === undefined ? [] : [[rowKinds[name], count]];
  });
}
