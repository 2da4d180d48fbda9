import { Command } from 'commander';
import { collect } from '../program/collect.js';
import { CommandEnded } from '../program/command-ended.js';
import type { CommandIo } from '../program/command-io.js';
import { addIdentityOptions, type IdentityOptions, requireIdentity } from '../session/identity-options.js';

interface RunOptions extends IdentityOptions {
  readonly baseUrl: string;
  readonly allow?: readonly string[];
  readonly logFile?: string;
}

/** Creates the command `run`, which runs another command behind a broker. */
export function createRunCommand(io: CommandIo): Command {
  return addIdentityOptions(new Command('run'))
    .description(
      'Runs a command whose requests are signed: starts a broker on loopback, gives the command OPENAI_BASE_URL and, as ' +
        'OPENAI_API_KEY, a random token that is of use only there, and ends with it. The key and the tokens of the identity stay ' +
        'out of its process. Exits with the exit code of the command.',
    )
    .argument('<command...>', 'the command and its arguments, after --')
    .option('--base-url <url>', 'the provider', 'https://chatgpt.com/backend-api/codex')
    .option('--allow <rule>', 'a method and a path that the command may request; repeat it', collect)
    .option('--log-file <file>', 'append a JSON line for each request to this file; - for standard error')
    .addHelpText('after', help)
    .action(async (words: readonly string[], options: RunOptions) => {
      throw new CommandEnded(await runBehindBroker(words, options, io));
    });
}

async function runBehindBroker(
  words: readonly string[],
  options: RunOptions,
  io: CommandIo,
): Promise<number> {
  const { baseUrl, logFile } = options;
  const { startBroker } = await import('agent-identity-broker');
  const { openRequestLog, responsesRules, runWithBroker } = await import('agent-identity-broker/run');
  const { defineProvider } = await import('provider-auth');
  const provider = defineProvider({ kind: 'first_party', baseUrl });
  const log = openRequestLog(logFile);
  const auth = await requireIdentity(options, io);
  const allow = options.allow ?? responsesRules(provider.baseUrl);
  const broker = await startBroker({ auth, provider, allow, onRequest: log.write });
  try {
    const standardInput = options.jwtFile !== '-' && options.recordFile !== '-';
    return await runWithBroker(broker, words, environmentFor(options, io), { standardInput });
  } finally {
    await broker.close();
    log.close();
  }
}

/** With the socket of the ssh-agent, the command could sign without the broker. */
function environmentFor({ sshAgent }: RunOptions, { environment }: CommandIo): CommandIo['environment'] {
  const { SSH_AUTH_SOCK: _socket, ...others } = environment;
  return sshAgent === undefined ? environment : others;
}

const help = `
Without --allow, the command may use POST /responses, POST /responses/compact, GET /models and WebSockets on /responses, below the
base URL. In a rule such as "POST /v1/files/*", * stands for one segment; the method WEBSOCKET stands for a handshake.

Examples:
  $ agent-identity run -- python3 agent.py
  $ agent-identity run --jwt-file agent.jwt --base-url https://api.example.com/v1 -- npm start`;
