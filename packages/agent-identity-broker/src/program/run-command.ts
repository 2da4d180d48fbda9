import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import process, { stdin } from 'node:process';
import { systemErrorCode } from 'agent-identity-core/http';
import { brokerError } from '../errors.js';

/** Variables whose secrets the command must not get. */
const secretNames = ['CODEX_ACCESS_TOKEN', 'CODEX_API_KEY', 'OPENAI_API_KEY', 'OPENAI_BASE_URL'];

/** Signals that are passed on. A terminal sends SIGINT and SIGQUIT to the command itself. */
const passedOn = ['SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2', ...(stdin.isTTY ? [] : ['SIGINT', 'SIGQUIT'])];

/**
 * Runs a command with the environment of this process, less its secrets.
 *
 * @returns its exit code; 128 and the number of the signal that ended it
 * @throws AgentIdentityError `cannot_run_command`
 */
export async function runCommand(
  file: string,
  words: readonly string[],
  {
    environment,
    added,
  }: {
    readonly environment: Readonly<Record<string, string | undefined>>;
    readonly added: Readonly<Record<string, string>>;
  },
): Promise<number> {
  const kept = Object.entries(environment).filter(([name]) => !secretNames.includes(name));
  const env = { ...Object.fromEntries(kept), ...added };
  const child = spawn(file, words, { stdio: 'inherit', env });
  const stops = passedOn.map((signal) => passOn(signal as NodeJS.Signals, (name) => child.kill(name)));
  const ignored = stdin.isTTY ? [passOn('SIGINT', () => {}), passOn('SIGQUIT', () => {})] : [];
  try {
    const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
    return code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
  } catch (error) {
    throw brokerError(
      'cannot_run_command',
      `the command could not be started: ${systemErrorCode(error) ?? 'unknown error'}`,
    );
  } finally {
    for (const stop of [...stops, ...ignored]) stop();
  }
}

function passOn(signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): () => void {
  process.on(signal, listener);
  return () => process.off(signal, listener);
}
