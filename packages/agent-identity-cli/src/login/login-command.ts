import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { printable } from 'agent-identity-core/terminal';
import { Command } from 'commander';
import { commandLineError } from '../errors.js';
import type { CommandIo } from '../program/command-io.js';
import { type CommandResult, printResult } from '../program/print-result.js';
import { readTextFile } from '../program/read-input-text.js';
import { writeSecretFile } from '../program/write-secret-file.js';
import { codexHomeOption, parseRecord } from '../session/identity-options.js';
import { requireNoLogin } from './stored-login.js';

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
    .addOption(codexHomeOption())
    .option('--jwt-base-url <url>', 'the base of the JWKS URL [CODEX_AGENT_IDENTITY_JWKS_BASE_URL]')
    .addHelpText('after', help)
    .action(async (options: LoginOptions, command: Command) => {
      await printResult(io, command, await login(options, io));
    });
}

async function login(options: LoginOptions, io: CommandIo): Promise<CommandResult> {
  const { jwtFile, recordFile } = options;
  if ((jwtFile === undefined) === (recordFile === undefined)) {
    throw commandLineError('invalid_argument', 'expected one of --jwt-file and --record-file');
  }
  const { formatAuthJson } = await import('chatgpt-auth');
  const text = await readTextFile(jwtFile ?? recordFile ?? '', io);
  const identity = jwtFile === undefined ? parseRecord(text) : text;
  const document = formatAuthJson(identity);
  const authFile = await requireNoLogin(options.codexHome, io);
  const agentRuntimeId =
    typeof identity === 'string' ? await verify(identity, options, io) : identity.agent_runtime_id;
  await mkdir(dirname(authFile), { recursive: true, mode: 0o700 }).catch(() => {});
  await writeSecretFile(authFile, document);
  return {
    json: { agent_runtime_id: agentRuntimeId, auth_file: authFile },
    text: `Logged in as ${printable(agentRuntimeId)}: ${printable(authFile)}`,
  };
}

async function verify(jwt: string, options: LoginOptions, io: CommandIo): Promise<string> {
  const { verifyAgentIdentityJwt } = await import('agent-identity-jwt');
  const { openJwks } = await import('../verify/verify-jwt-text.js');
  const jwks = await openJwks(options, io);
  return (await verifyAgentIdentityJwt(jwt, { jwks }, { clock: io.clock })).agent_runtime_id;
}

const help = `
To replace a login: agent-identity logout, then agent-identity login.

Examples:
  $ agent-identity login --jwt-file agent.jwt
  $ agent-identity login --record-file - < record.json`;
