import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const bin = fileURLToPath(new URL('../../dist/bin.js', import.meta.url));

export interface ProgramResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunProgramOptions {
  readonly environment?: Readonly<Record<string, string>>;
  /** Standard input. Default: empty. */
  readonly input?: string;
  /** Arguments of Node. */
  readonly nodeWords?: readonly string[];
}

/** Runs the built program in a process of its own, without the environment of this one. */
export function runProgram(
  words: readonly string[],
  { environment = {}, input = '', nodeWords = [] }: RunProgramOptions = {},
): Promise<ProgramResult> {
  return new Promise((resolve) => {
    const env = { PATH: process.env['PATH'], HOME: '/nonexistent', ...environment };
    const child = execFile(
      process.execPath,
      [...nodeWords, bin, ...words],
      { env },
      (error, stdout, stderr) => {
        resolve({ code: error ? Number(error.code) : 0, stdout, stderr });
      },
    );
    // A program that does not read its input closes the pipe.
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
  });
}
