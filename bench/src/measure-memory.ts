import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { promisify } from 'node:util';
import type { Measurement } from './measure.js';

/** The heap after 100,000 and after 1,000,000 distinct assertions, as if a microsecond were a kilobyte. */
export async function measureMemory(): Promise<Measurement[]> {
  const program = join(import.meta.dirname, 'memory.js');
  const { stdout } = await promisify(execFile)(execPath, ['--expose-gc', program]);
  const { megabytes } = JSON.parse(stdout) as { megabytes: number[] };
  const [first = 0] = megabytes;
  const last = megabytes.at(-1) ?? 0;
  return [
    { name: 'after 100,000', nanoseconds: first * 1e6, ratio: 1 },
    { name: 'after 1,000,000', nanoseconds: last * 1e6, ratio: first / last },
  ];
}
