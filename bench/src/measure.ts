import { Bench } from 'tinybench';

/** A function to time. Each call is one operation. */
export type Operation = () => unknown;

/** The time of an operation, compared with the baseline of its group. */
export interface Measurement {
  readonly name: string;
  /** Per operation; the median over the rounds. */
  readonly nanoseconds: number;
  /** The baseline's time divided by this operation's; the median over the rounds. Above 1 is faster than the baseline. */
  readonly ratio: number;
}

const rounds = 41;
const millisecondsPerRound = 20;

/**
 * Times operations side by side. Each of many short rounds runs all of them in turn, so other load on the machine affects
 * all alike. The first operation is the baseline. Returns medians over the rounds.
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
  // The timer can read 0 for very fast operations, which would make the ratio infinite.
  return Math.max(latency.p50 * 1e6, 1);
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] as number;
}
