/** What the charts show of one reading of the metrics. Counters are totals since the start of the process. */
export interface Sample {
  readonly at: number;
  /** Tells processes apart: behind a load balancer, another node may respond. */
  readonly startedAt: number;
  readonly requests: number;
  /** Responses with a status of 500 or above. */
  readonly failed: number;
  /** How long all requests took together. */
  readonly seconds: number;
  readonly connections: number;
  readonly memoryBytes: number;
  /** Epoch milliseconds. */
  readonly keyCreatedAt: number;
  /** Rows in the store, by kind. */
  readonly rows: readonly (readonly [kind: string, count: number])[];
  /** Requests by route, most first. */
  readonly routes: readonly RouteSample[];
}

/** The requests of a route. */
export interface RouteSample {
  readonly route: string;
  readonly requests: number;
  /** Statuses 400 to 499. */
  readonly refused: number;
  readonly failed: number;
}

interface Metric {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const prefix = 'agent_identity_authority_';

/**
 * Reads a sample from the text format of Prometheus.
 *
 * @param at When it was read, in milliseconds of the monotonic clock.
 */
export function readSample(text: string, at: number): Sample {
  const metrics = parseMetrics(text);
  const all = (name: string) => metrics.filter((metric) => metric.name === name);
  const sum = (name: string) => total(all(name));
  const requests = all(`${prefix}http_requests_total`);
  return {
    at,
    startedAt: sum('process_start_time_seconds'),
    requests: total(requests),
    failed: total(requests.filter(hasStatus(5))),
    seconds: sum(`${prefix}http_request_duration_seconds_sum`),
    connections: sum(`${prefix}http_connections`),
    memoryBytes: sum('process_resident_memory_bytes'),
    keyCreatedAt: sum(`${prefix}signing_key_created_timestamp_seconds`) * 1000,
    rows: all(`${prefix}rows`).map(({ labels, value }) => [labels['kind'] ?? '', value]),
    routes: byRoute(requests),
  };
}

function byRoute(requests: readonly Metric[]): RouteSample[] {
  const names = new Set(
    requests.map(({ labels }) => `${labels['method']?.toUpperCase()} ${labels['route']}`),
  );
  const routes = [...names].map((route) => {
    const own = requests.filter(
      ({ labels }) => `${labels['method']?.toUpperCase()} ${labels['route']}` === route,
    );
    const [refused, failed] = [total(own.filter(hasStatus(4))), total(own.filter(hasStatus(5)))];
    return { route, requests: total(own), refused, failed };
  });
  return routes.sort((one, other) => other.requests - one.requests);
}

const hasStatus =
  (hundreds: number) =>
  ({ labels }: Metric) =>
    labels['status']?.startsWith(String(hundreds)) === true;

function total(metrics: readonly Metric[]): number {
  return metrics.reduce((sum, { value }) => sum + value, 0);
}

function parseMetrics(text: string): Metric[] {
  return text.split('\n').flatMap((line) => {
    const [, name, labels = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    if (name === undefined) return [];
    const pairs = [...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, key = '', label = '']) => [key, label]);
    return [{ name, labels: Object.fromEntries(pairs), value: Number(value) }];
  });
}
