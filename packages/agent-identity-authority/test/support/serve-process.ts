import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const bin = fileURLToPath(new URL('../../dist/bin.js', import.meta.url));

export interface ServeProcess {
  readonly child: ChildProcess;
  readonly url: string;
  readonly operationsUrl: string;
  /** What it wrote to standard output and standard error so far. */
  output(): string;
  /** Resolves with its exit code when it ends. */
  readonly ended: Promise<number | null>;
}

/** Runs `agent-identity-authority serve` in a process of its own, on ports of its own; it ends with the test. */
export async function startServeProcess(
  words: readonly string[] = [],
  environment: Record<string, string> = {},
): Promise<ServeProcess> {
  const child = spawn(process.execPath, [bin, 'serve', '--port', '0', '--operations-port', '0', ...words], {
    env: { PATH: process.env['PATH'], ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const ended = once(child, 'exit').then(([code]) => code as number | null);
  let written = '';
  const listening = new Promise<{ url: string; operationsUrl: string }>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        written += chunk;
        const line = written.split('\n').find((text) => text.includes('"msg":"listening"'));
        if (line) resolve(JSON.parse(line));
      });
    }
    ended.then((code) => reject(new Error(`serve ended with ${code}: ${written}`)));
  });
  const { url, operationsUrl } = await listening;
  return { child, url, operationsUrl, output: () => written, ended };
}

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end. */
export function runCommand(
  words: readonly string[],
  { environment = {}, cwd }: { environment?: Record<string, string>; cwd?: string } = {},
): Promise<CommandResult> {
  return new Promise((resolve) => {
    const options = { env: { PATH: process.env['PATH'], ...environment }, ...(cwd !== undefined && { cwd }) };
    execFile(process.execPath, [bin, ...words], options, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr });
    });
  });
}
