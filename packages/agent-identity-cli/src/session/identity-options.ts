import type { AgentIdentityRecord } from 'agent-identity-core/wire';
import { type Command, Option } from 'commander';
import type { SessionAuth } from 'provider-auth';
import { commandLineError } from '../errors.js';
import type { CommandIo } from '../program/command-io.js';
import { readTextFile } from '../program/read-input-text.js';
import { openSigner, sshAgentOption } from './ssh-agent-signer.js';

/** The options that select an identity. */
export interface IdentityOptions {
  readonly jwtFile?: string;
  readonly recordFile?: string;
  readonly sshAgent?: string;
  readonly codexHome?: string;
  readonly authapiBaseUrl?: string;
  readonly jwtBaseUrl?: string;
}

/** The option that selects the login of the Codex client. */
export function codexHomeOption(): Option {
  return new Option(
    '--codex-home <folder>',
    'the folder of the Codex client [CODEX_HOME]; ~/.codex by default',
  );
}

/** Adds the options that select an identity. */
export function addIdentityOptions(command: Command): Command {
  return command
    .option('--jwt-file <file>', 'use this Agent Identity JWT instead of the login; - is standard input')
    .option(
      '--record-file <file>',
      'use this agent identity record instead of the login; - is standard input',
    )
    .addOption(sshAgentOption('with --record-file: sign with'))
    .addOption(codexHomeOption())
    .option('--authapi-base-url <url>', 'the AuthAPI [CODEX_AGENT_IDENTITY_AUTHAPI_BASE_URL]')
    .option('--jwt-base-url <url>', 'the base of the JWKS URL [CODEX_AGENT_IDENTITY_JWKS_BASE_URL]');
}

/**
 * Loads the selected identity: that of a file, else of the login of the Codex client with its environment.
 *
 * @throws AgentIdentityError `invalid_argument`, and the codes of provider-auth
 */
export async function loadIdentity(options: IdentityOptions, io: CommandIo): Promise<SessionAuth> {
  const { jwtFile, recordFile, sshAgent, codexHome, authapiBaseUrl, jwtBaseUrl } = options;
  const { environment: env, fetch, clock } = io;
  if (jwtFile !== undefined && recordFile !== undefined) {
    throw commandLineError('invalid_argument', 'expected one of --jwt-file and --record-file, got both');
  }
  if (sshAgent !== undefined && recordFile === undefined) {
    throw commandLineError(
      'invalid_argument',
      '--ssh-agent: expected --record-file beside it, as enroll writes it',
    );
  }
  const { loadAuth } = await import('provider-auth');
  const file = jwtFile ?? recordFile;
  if (file === undefined) {
    const { openCodexLogin } = await import('chatgpt-auth/node');
    const login = await openCodexLogin({ env, codexHome, authapiBaseUrl, jwtBaseUrl }, { fetch, clock });
    return loadAuth({ login }, { fetch, clock });
  }
  const text = await readTextFile(file, io);
  const signer = sshAgent === undefined ? undefined : await openSigner(sshAgent, io);
  const identity = jwtFile === undefined ? { record: parseRecord(text), signer } : { jwt: text };
  // The environment's credentials do not count here, but its URLs do.
  const { CODEX_API_KEY: _key, CODEX_ACCESS_TOKEN: _token, ...urls } = env;
  return loadAuth({ ...identity, env: urls, authapiBaseUrl, jwtBaseUrl }, { fetch, clock });
}

/**
 * Loads the selected identity, and requires that there is one.
 *
 * @throws AgentIdentityError `no_credentials`, and the codes of `loadIdentity`
 */
export async function requireIdentity(options: IdentityOptions, io: CommandIo): Promise<SessionAuth> {
  const auth = await loadIdentity(options, io);
  if (auth.kind !== 'none') return auth;
  throw commandLineError('no_credentials', `expected a login, got none: ${auth.describe().reason}`);
}

/**
 * Returns the URL of the authority, of the option or the environment.
 *
 * @throws AgentIdentityError `invalid_argument` if neither gives one
 */
export function requireAuthapiBaseUrl(option: string | undefined, { environment }: CommandIo): string {
  const baseUrl = option ?? environment['CODEX_AGENT_IDENTITY_AUTHAPI_BASE_URL'];
  if (baseUrl) return baseUrl;
  throw commandLineError(
    'invalid_argument',
    'expected --authapi-base-url or CODEX_AGENT_IDENTITY_AUTHAPI_BASE_URL, got neither',
  );
}

/** Reads a record, which whoever uses it checks. */
export function parseRecord(text: string): AgentIdentityRecord {
  try {
    return JSON.parse(text) as AgentIdentityRecord;
  } catch {
    throw commandLineError('unrecognized_input', '--record-file: expected a JSON object, got other text');
  }
}
