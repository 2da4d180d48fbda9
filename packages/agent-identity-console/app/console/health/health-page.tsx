import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { ListTable, Problem } from '../../parts/list-table.js';
import { texts } from '../../texts.js';
import type { Api } from '../api.js';
import { type Loaded, useLoad, useRepeated } from '../use-load.js';
import { Chart } from './chart.js';
import { type RouteSample, readSample, type Sample } from './metrics.js';

const [everySeconds, capacity] = [2, 90];

/** The metrics of the node that responds, live. */
export function HealthPage({ api }: { readonly api: Api }): JSX.Element {
  const reading = useLoad(
    async () => readSample(await api.readText('v1/admin/metrics'), performance.now()),
    [api],
  );
  useRepeated(reading.reload, everySeconds, true);
  const samples = useHistory(reading);
  const sample = samples.at(-1);
  const { title, purpose, charts, rates } = texts.health;
  const shared = { capacity };
  return (
    <>
      <h1>{title}</h1>
      <p class="quiet">{purpose}</p>
      <Problem error={reading.error} />
      <div class="charts">
        <Chart {...shared} title={charts.requests} values={ratesOf(samples, 'requests')} format={rates} />
        <Chart {...shared} title={charts.failed} values={ratesOf(samples, 'failed')} format={rates} />
        <Chart {...shared} title={charts.latency} values={latenciesOf(samples)} format={formatSeconds} />
        <Chart
          {...shared}
          title={charts.connections}
          values={samples.map((each) => each.connections)}
          format={String}
        />
        <Chart
          {...shared}
          title={charts.memory}
          values={samples.map((each) => each.memoryBytes)}
          format={formatBytes}
        />
      </div>
      {sample !== undefined && <Counts sample={sample} reading={reading} />}
    </>
  );
}

function Counts({
  sample,
  reading,
}: {
  readonly sample: Sample;
  readonly reading: Loaded<Sample>;
}): JSX.Element {
  const { rows, routes, keyAge, days } = texts.health;
  const age = (Date.now() - sample.keyCreatedAt) / 86_400_000;
  const facts = sample.rows.map(([kind, count]) => [rows.kinds[kind] ?? kind, String(count)] as const);
  return (
    <div class="columns even">
      <section class="card" aria-labelledby="rows">
        <h2 id="rows">{rows.title}</h2>
        <dl class="facts">
          {[...facts, [keyAge, days(Math.max(0, Math.floor(age)))] as const].map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      </section>
      <section class="card" aria-labelledby="routes">
        <h2 id="routes">{routes.title}</h2>
        <ListTable<RouteSample>
          list={{ ...reading, error: undefined, items: sample.routes, more: undefined }}
          label={routes.title}
          columns={routes.columns}
          empty={routes.empty}
          keyOf={({ route }) => route}
          cells={({ route, requests, refused, failed }) => [
            <code key="route">{route}</code>,
            requests,
            refused,
            failed,
          ]}
        />
      </section>
    </div>
  );
}

/** The last readings of one process, oldest first. */
function useHistory({ value }: Loaded<Sample>): readonly Sample[] {
  const [samples, setSamples] = useState<readonly Sample[]>([]);
  useEffect(() => {
    if (value === undefined) return;
    setSamples((samples) => {
      const own = samples.filter(({ startedAt }) => startedAt === value.startedAt);
      return [...own, value].slice(-capacity);
    });
  }, [value]);
  return samples;
}

/** By how much a counter grew each second. */
function ratesOf(samples: readonly Sample[], counter: 'requests' | 'failed'): number[] {
  return pairsOf(samples).map(([one, next]) => ((next[counter] - one[counter]) * 1000) / (next.at - one.at));
}

/** How long a request took on average, in seconds. */
function latenciesOf(samples: readonly Sample[]): number[] {
  return pairsOf(samples).map(([one, next]) =>
    next.requests === one.requests ? 0 : (next.seconds - one.seconds) / (next.requests - one.requests),
  );
}

function pairsOf(samples: readonly Sample[]): [Sample, Sample][] {
  return samples.slice(1).flatMap((next, i) => {
    const one = samples[i];
    return one === undefined ? [] : [[one, next]];
  });
}

const formatSeconds = (seconds: number) => `${(seconds * 1000).toFixed(1)} ms`;
const formatBytes = (bytes: number) => `${(bytes / 1_048_576).toFixed(0)} MiB`;
