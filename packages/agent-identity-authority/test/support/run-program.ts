import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { runCommandLine } from '../../dist/commands/run-command-line.js';

const bin = fileURLToPath(new URL('../../dist/bin.js', import.meta.url));

export interface ServeProcess {
  readonly child: ChildProcess;
  readonly url: string;
  readonly operationsUrl: string;
  /** Everything that it has written to standard output and standard error. */
  output(): string;
  /** Resolves with its exit code. */
  readonly ended: Promise<number | null>;
}

/** Runs `agent-identity-authority serve` in a process of its own, on free ports, until the test is over. */
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

/** Runs a command in this process. */
export async function runCommand(
  words: readonly string[],
  environment: Record<string, string> = {},
  clock: () => number = Date.now,
): Promise<CommandResult> {
  let [stdout, stderr] = ['', ''];
  const code = await runCommandLine(words, {
    environment,
    fetch: (input, init) => globalThis.fetch(input, init),
    clock,
    isOutputTerminal: false,
    async write(text) {
      stdout += text;
    },
    writeError(text) {
      stderr += text;
    },
    log: { write() {} },
    waitForShutdown: async () => {},
  });
  return { code, stdout, stderr };
}

/** Runs a command in a process of its own. */
export function runProgram(
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

/** Runs a line of bash that can use `$NODE` and `$BIN`. It fails if a command of a pipe fails. */
export function runShell(line: string): Promise<CommandResult> {
  return new Promise((resolve) => {
    const env = { PATH: process.env['PATH'], NODE: process.execPath, BIN: bin };
    execFile('bash', ['--norc', '-o', 'pipefail', '-c', line], { env }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr });
    });
  });
}
