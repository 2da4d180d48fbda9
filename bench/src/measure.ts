import { Bench } from 'tinybench';

/** Something to time; each call is one operation. */
export type Operation = () => unknown;

/** Median nanoseconds per operation, and how that compares with the baseline of the group. */
export interface Measurement {
  readonly name: string;
  readonly nanoseconds: number;
  /** Operations of this in the time of one of the baseline, from the medians of each round. */
  readonly ratio: number;
}

const rounds = 41;
const millisecondsPerRound = 20;

/**
 * Times operations side by side: in each of many short rounds every one runs in turn, so that whatever else the
 * machine does falls on all alike. The first is the baseline; what is reported is the median over the rounds.
 */
export async function measure(operations: Readonly<Record<string, Operation>>): Promise<Measurement[]> {
  const names = Object.keys(operations);
  const samples = new Map<string, number[]>(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, latency] of await runRound(operations)) samples.get(name)?.push(latency);
  }
  const baseline = samples.get(names[0] as string) as number[];
  return names.map((name) => {
    const own = samples.get(name) as number[];
    const ratio = median(own.map((latency, round) => (baseline[round] as number) / latency));
    return { name, nanoseconds: median(own), ratio };
  });
}

async function runRound(operations: Readonly<Record<string, Operation>>): Promise<Map<string, number>> {
  const bench = new Bench({
    time: millisecondsPerRound,
    warmupTime: 5,
    warmupIterations: 3,
    iterations: 2,
    throws: true,
  });
  for (const [name, operation] of Object.entries(operations)) bench.add(name, operation);
  const tasks = await bench.run();
  return new Map(tasks.map((task) => [task.name, medianNanoseconds(task.result)]));
}

function medianNanoseconds(result: object): number {
  const { latency } = result as { latency: { p50: number } };
  // A timer cannot see less than a few nanoseconds; zero would make an infinite ratio.
  return Math.max(latency.p50 * 1e6, 1);
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] as number;
}
