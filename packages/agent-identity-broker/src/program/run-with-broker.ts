import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import process, { stdin } from 'node:process';
import { invalidArgument, requireKnownOptions, systemErrorCode } from 'agent-identity-core/http';
import { brokerError } from '../errors.js';
import type { Broker } from '../running-broker.js';

/** Variables whose secrets the command must not get. */
const secretNames = ['CODEX_ACCESS_TOKEN', 'CODEX_API_KEY', 'OPENAI_API_KEY', 'OPENAI_BASE_URL'];

/** Signals that are passed on. A terminal sends SIGINT and SIGQUIT to the command itself. */
const passedOn = ['SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2', ...(stdin.isTTY ? [] : ['SIGINT', 'SIGQUIT'])];

/**
 * The environment variables through which clients find a broker: `OPENAI_BASE_URL` and, **a secret**, `OPENAI_API_KEY`; or
 * `AGENT_IDENTITY_BROKER_SOCKET`.
 *
 * @example
 * ```ts
 * import type { Broker } from 'agent-identity-broker';
 * import { brokerEnvironment } from 'agent-identity-broker/run';
 *
 * const namesOf = (broker: Broker) => Object.keys(brokerEnvironment(broker));
 * ```
 */
export function brokerEnvironment({
  baseUrl,
  accessToken,
  socketPath,
}: Pick<Broker, 'baseUrl' | 'accessToken' | 'socketPath'>): Record<string, string> {
  return {
    ...(baseUrl !== undefined && { OPENAI_BASE_URL: baseUrl }),
    ...(accessToken !== undefined && { OPENAI_API_KEY: accessToken }),
    ...(socketPath !== undefined && { AGENT_IDENTITY_BROKER_SOCKET: socketPath }),
  };
}

/**
 * Runs a command whose requests go through the broker. It shares the standard streams of this process, gets its signals and
 * its environment less the secrets, and `brokerEnvironment`. Does not close the broker.
 *
 * @param options.standardInput Whether the command gets the standard input. Not if a secret came from there: a command can go back
 * to the beginning of a file that it inherits. Default: true.
 * @returns the exit code of the command; 128 and the number of the signal that ended it
 * @throws AgentIdentityError `cannot_run_command`, `invalid_argument`
 * @example
 * ```ts
 * import { env } from 'node:process';
 * import type { Broker } from 'agent-identity-broker';
 * import { runWithBroker } from 'agent-identity-broker/run';
 *
 * const runAgent = (broker: Broker) => runWithBroker(broker, ['python3', 'agent.py'], env);
 * ```
 */
export async function runWithBroker(
  broker: Pick<Broker, 'baseUrl' | 'accessToken' | 'socketPath'>,
  [file, ...words]: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  options: { readonly standardInput?: boolean | undefined } = {},
): Promise<number> {
  requireKnownOptions(options, ['standardInput'], 'options');
  const { standardInput = true } = options;
  if (file === undefined) throw invalidArgument('command', 'a command and its arguments', file);
  const kept = Object.entries(environment).filter(([name]) => !secretNames.includes(name));
  const env = { ...Object.fromEntries(kept), ...brokerEnvironment(broker) };
  let child: ChildProcess | undefined;
  // Before the command starts, which may ask for a signal at once.
  const stops = passedOn.map((signal) => passOn(signal as NodeJS.Signals, (name) => child?.kill(name)));
  const ignored = stdin.isTTY ? [passOn('SIGINT', () => {}), passOn('SIGQUIT', () => {})] : [];
  try {
    child = spawn(file, words, { stdio: [standardInput ? 'inherit' : 'ignore', 'inherit', 'inherit'], env });
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
