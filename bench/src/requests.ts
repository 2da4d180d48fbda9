import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { performance } from 'node:perf_hooks';
import { execPath } from 'node:process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Pool } from 'undici';
import { type Measurement, median } from './measure.js';

/** A server in a process of its own, and the headers of the next request to it. */
export interface BenchServer {
  readonly name: string;
  readonly url: string;
  readonly nextHeaders: () => Record<string, string>;
}

const children: ChildProcess[] = [];

/** Starts a server of `serve.ts`. */
export async function startServer(
  kind: string,
  argument = '',
): Promise<{ readonly url: string; readonly headers: Record<string, string> }> {
  const program = fileURLToPath(new URL('serve.js', import.meta.url));
  const child = spawn(execPath, [program, kind, argument], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  const { value: line } = await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next();
  const { port, headers } = JSON.parse(line ?? 'null') as { port: number; headers: Record<string, string> };
  return { url: `http://127.0.0.1:${port}`, headers };
}

/** Ends all servers. */
export async function stopServers(): Promise<void> {
  for (const child of children.splice(0)) {
    const ended = once(child, 'exit');
    child.kill();
    await ended;
  }
}

const rounds = 11;
const millisecondsPerRound = 500;

/** Times requests to servers side by side, as `measure` does; the time of one request is that of a round by their number. */
export async function measureRequests(
  servers: readonly BenchServer[],
  connections = 32,
): Promise<Measurement[]> {
  const pools = servers.map(({ url }) => new Pool(url, { connections, pipelining: 1 }));
  const samples = servers.map((): number[] => []);
  // The first round warms up.
  for (let round = 0; round <= rounds; round += 1) {
    for (const [i, server] of servers.entries()) {
      const nanoseconds = await runRound(pools[i] as Pool, server, connections);
      if (round > 0) samples[i]?.push(nanoseconds);
    }
  }
  for (const pool of pools) await pool.close();
  const baseline = samples[0] as number[];
  return servers.map(({ name }, i) => {
    const own = samples[i] as number[];
    return {
      name,
      nanoseconds: median(own),
      ratio: median(own.map((sample, round) => (baseline[round] as number) / sample)),
    };
  });
}

async function runRound(pool: Pool, { nextHeaders }: BenchServer, connections: number): Promise<number> {
  const startedAt = performance.now();
  const end = startedAt + millisecondsPerRound;
  let count = 0;
  const sendUntilEnd = async () => {
    while (performance.now() < end) {
      const { statusCode, body } = await pool.request({
        path: '/v1/models',
        method: 'GET',
        headers: nextHeaders(),
      });
      await body.dump();
      if (statusCode !== 200) throw new Error(`a server of the bench answered ${statusCode}`);
      count += 1;
    }
  };
  await Promise.all(Array.from({ length: connections }, sendUntilEnd));
  return ((performance.now() - startedAt) * 1e6) / count;
}
