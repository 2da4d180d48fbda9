import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { platform } from 'node:process';
import { signWithSigner } from 'agent-identity-core';
import { printable } from 'agent-identity-core/terminal';
import type { AgentIdentityRecord, KeylessAgentIdentityRecord } from 'agent-identity-core/wire';
import { Command } from 'commander';
import { commandLineError } from '../errors.js';
import { requireNoLogin } from '../login/stored-login.js';
import type { CommandIo } from '../program/command-io.js';
import { type CommandResult, printResult } from '../program/print-result.js';
import { readTextFile } from '../program/read-input-text.js';
import { readVersion } from '../program/read-version.js';
import { reserveSecretFile } from '../program/write-secret-file.js';
import { codexHomeOption, requireAuthapiBaseUrl } from '../session/identity-options.js';
import { openSigner, sshAgentOption } from '../session/ssh-agent-signer.js';

interface EnrollOptions {
  readonly tokenFile: string;
  readonly capability?: readonly string[];
  readonly authapiBaseUrl?: string;
  readonly codexHome?: string;
  readonly out?: string;
  readonly sshAgent?: string;
}

/** Creates the command `enroll`. */
export function createEnrollCommand(io: CommandIo): Command {
  return new Command('enroll')
    .description(
      'Makes an agent key, registers it with a token, and writes the identity to auth.json, where the Codex client and this program ' +
        'find it. The token is an enrollment token of an authority, or one that its rules accept, such as the OpenID token of a CI ' +
        'job. The key never leaves this machine. A login that is there already is not replaced.',
    )
    .requiredOption('--token-file <file>', 'the token; - is standard input')
    .option('--capability <name...>', 'what the agent asks to be allowed')
    .option('--authapi-base-url <url>', 'the authority [CODEX_AGENT_IDENTITY_AUTHAPI_BASE_URL]')
    .addOption(codexHomeOption())
    .option('-o, --out <file>', 'write the record to this new file instead, for --record-file')
    .addOption(sshAgentOption('with --out: make no key, and register'))
    .addHelpText('after', help)
    .action(async (options: EnrollOptions, command: Command) => {
      await printResult(io, command, await enroll(options, io));
    });
}

async function enroll(options: EnrollOptions, io: CommandIo): Promise<CommandResult> {
  if (options.sshAgent !== undefined && options.out === undefined) {
    throw commandLineError(
      'invalid_argument',
      '--ssh-agent: expected --out beside it, because auth.json holds a private key',
    );
  }
  const accessToken = await readTextFile(options.tokenFile, io);
  const path = options.out ?? (await requireNoLogin(options.codexHome, io));
  if (options.out === undefined) {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 }).catch(() => {});
  }
  // A token registers one agent: it must not be spent for an identity that cannot be kept.
  const file = await reserveSecretFile(path);
  try {
    const record = await register(accessToken, options, io);
    const isLogin = options.out === undefined && 'agent_private_key' in record;
    await file.write(isLogin ? await formatLogin(record) : `${JSON.stringify(record)}\n`);
    const { agent_runtime_id, account_id } = record;
    return {
      json: { agent_runtime_id, account_id, file: path },
      text: `${printable(agent_runtime_id)} belongs to ${printable(account_id)}: ${printable(path)}`,
    };
  } finally {
    await file.discard();
  }
}

async function register(
  accessToken: string,
  { authapiBaseUrl, capability, sshAgent }: EnrollOptions,
  io: CommandIo,
): Promise<AgentIdentityRecord | KeylessAgentIdentityRecord> {
  const { fetch, clock } = io;
  const { enrollAgent } = await import('agent-identity-registry');
  const abom = {
    agent_version: await readVersion(),
    agent_harness_id: 'agent-identity',
    running_location: `cli-${platform}`,
  };
  const options = {
    authapiBaseUrl: requireAuthapiBaseUrl(authapiBaseUrl, io),
    accessToken,
    abom,
    ...(capability && { capabilities: capability }),
  };
  if (sshAgent === undefined) return enrollAgent(options, { fetch, clock });
  const signer = await openSigner(sshAgent, io);
  // The token must not be spent for a key that does not sign.
  await signWithSigner(signer, new TextEncoder().encode('agent-identity enroll'));
  return enrollAgent({ ...options, signer }, { fetch, clock });
}

async function formatLogin(record: AgentIdentityRecord): Promise<string> {
  const { formatAuthJson } = await import('chatgpt-auth');
  return formatAuthJson(record);
}

const help = `
Examples:
  $ agent-identity enroll --token-file token --authapi-base-url https://authority.example
  $ agent-identity enroll --token-file token --capability repository:read --out record.json
  $ agent-identity enroll --token-file token --ssh-agent ~/.ssh/agent.pub --out record.json`;
