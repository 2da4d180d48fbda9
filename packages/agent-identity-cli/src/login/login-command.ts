import { mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { commandLineError } from '../errors.js';
import type { CommandIo } from '../program/command-io.js';
import { type CommandResult, printResult } from '../program/print-result.js';
import { printable } from '../program/printable.js';
import { readTextFile } from '../program/read-input-text.js';
import { writeSecretFile } from '../program/write-secret-file.js';

interface LoginOptions {
  readonly jwtFile?: string;
  readonly recordFile?: string;
  readonly codexHome?: string;
  readonly jwtBaseUrl?: string;
}

/** Creates the command `login` (docs/protocol.md section 9). */
export function createLoginCommand(io: CommandIo): Command {
  return new Command('login')
    .description(
      'Writes an agent identity to auth.json, where the Codex client and this program find it (docs/protocol.md section 9). A JWT is ' +
        'verified first. A login that is there already is not replaced.',
    )
    .option('--jwt-file <file>', 'the Agent Identity JWT; - is standard input')
    .option('--record-file <file>', 'an agent identity record instead; - is standard input')
    .option('--codex-home <folder>', 'the folder of the Codex client [CODEX_HOME]; ~/.codex by default')
    .option('--jwt-base-url <url>', 'the base of the JWKS URL [CODEX_AGENT_IDENTITY_JWKS_BASE_URL]')
    .addHelpText('after', help)
    .action(async (options: LoginOptions, command: Command) => {
      await printResult(io, command, await login(options, io));
    });
}

async function login(options: LoginOptions, io: CommandIo): Promise<CommandResult> {
  const { jwtFile, recordFile, codexHome } = options;
  if ((jwtFile === undefined) === (recordFile === undefined)) {
    throw commandLineError('invalid_argument', 'expected one of --jwt-file and --record-file');
  }
  const { formatAuthJson } = await import('chatgpt-auth');
  const text = await readTextFile(jwtFile ?? recordFile ?? '', io);
  const identity = jwtFile === undefined ? parseRecord(text) : text;
  const document = formatAuthJson(identity);
  const agentRuntimeId =
    typeof identity === 'string' ? await verify(identity, options, io) : identity.agent_runtime_id;
  const path = await authFilePath(codexHome, io);
  await writeSecretFile(path, document);
  return {
    json: { agent_runtime_id: agentRuntimeId, auth_file: path },
    text: `Logged in as ${printable(agentRuntimeId)}: ${printable(path)}`,
  };
}

async function verify(jwt: string, { jwtBaseUrl }: LoginOptions, io: CommandIo): Promise<string> {
  const { agentIdentityJwksUrl, remoteJwks, verifyAgentIdentityJwt } = await import('agent-identity-jwt');
  const base = jwtBaseUrl ?? (io.environment['CODEX_AGENT_IDENTITY_JWKS_BASE_URL']?.trim() || undefined);
  const jwks = remoteJwks(agentIdentityJwksUrl(base), {}, { fetch: io.fetch });
  return (await verifyAgentIdentityJwt(jwt, { jwks }, { clock: io.clock })).agent_runtime_id;
}

/** `formatAuthJson` checks the record. */
function parseRecord(
  text: string,
): Exclude<Parameters<typeof import('chatgpt-auth').formatAuthJson>[0], string> {
  try {
    return JSON.parse(text) as never;
  } catch {
    throw commandLineError('unrecognized_input', '--record-file: expected a JSON object, got other text');
  }
}

/** The path of auth.json, in a folder that is made if it is missing. */
async function authFilePath(codexHome: string | undefined, { environment }: CommandIo): Promise<string> {
  const folder =
    codexHome ?? (environment['CODEX_HOME']?.trim() || join(environment['HOME'] || homedir(), '.codex'));
  await mkdir(folder, { recursive: true, mode: 0o700 }).catch(() => {});
  return join(folder, 'auth.json');
}

const help = `
To replace a login: agent-identity logout, then agent-identity login.

Examples:
  $ agent-identity login --jwt-file agent.jwt
  $ agent-identity login --record-file - < record.json`;
