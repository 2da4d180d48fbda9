import { readFile } from 'node:fs/promises';
import { isAgentIdentityError } from 'agent-identity-core';
import { redactCredentials } from 'agent-identity-core/http';
import { Command, CommanderError } from 'commander';
import type { ProgramIo } from './program-io.js';
import { brokerEnvironment, runWithBroker } from './run-with-broker.js';
import { type BrokerProgramOptions, startFromOptions } from './start-from-options.js';

/**
 * Runs the program.
 *
 * @param words The arguments after the program's name.
 * @returns the exit code: that of the command, or 0 for success, 1 for a failure, 2 for a usage error
 */
export async function runBrokerProgram(words: readonly string[], io: ProgramIo): Promise<number> {
  let exitCode = 0;
  const program = createProgram(await readVersion(), io, async (options, command) => {
    exitCode = await serve(options, command, io);
  });
  try {
    await program.parseAsync(words, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    const message = isAgentIdentityError(error) ? error.message : redactCredentials(String(error));
    io.writeError(`agent-identity-broker: ${message}\n`);
    return isAgentIdentityError(error) && usageErrorCodes.has(error.code) ? 2 : 1;
  }
}

const usageErrorCodes: ReadonlySet<string> = new Set([
  'invalid_argument',
  'rule_outside_provider',
  'insecure_url',
  'invalid_base_url',
]);

type Action = (options: BrokerProgramOptions, command: readonly string[]) => Promise<void>;

function createProgram(version: string, io: ProgramIo, action: Action): Command {
  return new Command('agent-identity-broker')
    .description(
      'Signs the requests of other programs: a reverse proxy on loopback that adds the credentials of an agent, so that its key ' +
        'stays out of their process.',
    )
    .argument('[command...]', 'a command to run with the broker, after --; the broker ends with it')
    .option('--base-url <url>', 'the provider', 'https://chatgpt.com/backend-api/codex')
    .option('--allow <rule>', 'a method and a path that clients may request; repeat it', collect)
    .option('--jwt-file <path>', 'an Agent Identity JWT; by default the login of the Codex client is used')
    .option('--record-file <path>', 'an agent identity record instead')
    .option(
      '--ssh-agent <key>',
      'with --record-file: sign with this key of the ssh-agent [SSH_AUTH_SOCK]: its public key file, or SHA256:…',
    )
    .option('--authapi-base-url <url>', 'the AuthAPI of a self-hosted authority')
    .option(
      '--jwt-base-url <url>',
      'where the JWKS of a self-hosted authority is; --authapi-base-url by default',
    )
    .option('--port <port>', 'the loopback port to listen on; a free one by default', Number)
    .option('--socket <path>', 'the Unix socket to listen on instead')
    .option('--access-token-file <path>', 'the access token that clients must send; a random one by default')
    .option('--metrics-port <port>', 'serve Prometheus metrics at /metrics on this loopback port', Number)
    .option('--log-file <path>', 'append a JSON line for each request to this file; - for standard error')
    .addHelpText('after', help)
    .version(version, '--version', 'print the version')
    .exitOverride()
    .configureOutput({ writeOut: io.write, writeErr: io.writeError })
    .showHelpAfterError('Use --help for usage.')
    .action((command: readonly string[], options: BrokerProgramOptions) => action(options, command));
}

function collect(rule: string, rules: readonly string[] = []): string[] {
  return [...rules, rule];
}

async function serve(
  options: BrokerProgramOptions,
  command: readonly string[],
  io: ProgramIo,
): Promise<number> {
  const { broker, close } = await startFromOptions(options, io);
  try {
    if (command.length > 0) return await runWithBroker(broker, command, environmentFor(options, io));
    // Before it says that it is ready: whoever reads that may stop it at once.
    const shutdown = io.waitForShutdown();
    for (const [name, value] of Object.entries(brokerEnvironment(broker)))
      io.write(`export ${name}='${value}'\n`);
    io.writeError(`The broker is ready; it signs with ${broker.describe().credential}.\n`);
    await shutdown;
    return 0;
  } finally {
    await close();
  }
}

/** With the socket of the ssh-agent, the command could sign without the broker. */
function environmentFor(
  { sshAgent }: BrokerProgramOptions,
  { environment }: ProgramIo,
): ProgramIo['environment'] {
  const { SSH_AUTH_SOCK: _socket, ...others } = environment;
  return sshAgent === undefined ? environment : others;
}

async function readVersion(): Promise<string> {
  const text = await readFile(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { readonly version: string }).version;
}

const help = `
Without --allow, clients may use POST /responses, POST /responses/compact, GET /models and WebSockets on /responses, below
the base URL. A rule is a method and a path, such as "POST /v1/responses"; * stands for one segment, and the method
WEBSOCKET for a handshake.

The command gets OPENAI_BASE_URL and, as OPENAI_API_KEY, the access token of the broker. Without a command, the two are
printed as shell exports, and the broker runs until it is stopped.

Exit codes: that of the command, 128 and the signal if one ended it; 0 success, 1 failure, 2 usage error.

Examples:
  $ agent-identity-broker -- python3 agent.py
  $ agent-identity-broker --jwt-file agent.jwt --base-url https://api.example.com/v1 -- npm start
  $ agent-identity-broker --socket /run/user/1000/agent/broker.sock`;
