import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { AuthServer } from './auth-server.js';
import { clock } from './login.js';

export interface ChildTask {
  readonly action?: 'identity' | 'bearer';
  readonly withoutFlock?: boolean;
  /** Kills the process with SIGKILL before this step of its file system, from 1. */
  readonly killAtStep?: number;
  /** If that step writes the new file, half of it is written before. */
  readonly halfWrite?: boolean;
  /** Receives a function that kills the process with SIGKILL. */
  readonly onStart?: (kill: () => void) => void;
}

export interface ChildOutcome {
  readonly killed: boolean;
  /** The result, if the process lived long enough. */
  readonly got: string | undefined;
  /** How many steps of the file system it made. */
  readonly steps: number;
  readonly errors: string;
}

const script = fileURLToPath(new URL('child.mjs', import.meta.url));

/** Runs `child.mjs` to its end. */
export function runChild(
  home: string,
  { baseUrl, tokenUrl }: AuthServer,
  { onStart, ...task }: ChildTask = {},
): Promise<ChildOutcome> {
  const job = { home, authapiBaseUrl: baseUrl, tokenUrl, now: clock(), ...task };
  const child = spawn(process.execPath, [script, JSON.stringify(job)]);
  let [output, errors] = ['', ''];
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  onStart?.(() => child.kill('SIGKILL'));
  return new Promise((resolve) => {
    child.on('close', (_code, signal) => {
      const last = output.trim().split('\n').at(-1);
      const { got, steps = 0 } = last ? JSON.parse(last) : {};
      resolve({ killed: signal === 'SIGKILL', got, steps, errors });
    });
  });
}
