import { homedir } from 'node:os';
import { join } from 'node:path';
import { env as processEnv } from 'node:process';
import { describeType } from 'agent-identity-core';
import { chatgptAuthError } from '../errors.js';

/** The environment variables of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The published client's folder: `CODEX_HOME` where that is set, else `~/.codex`. */
export function codexHomeOf(env: Environment): string {
  return env['CODEX_HOME'] || join(homedir(), '.codex');
}

/**
 * The folder that was given, else that of this process's environment.
 *
 * @throws AgentIdentityError `invalid_option`
 */
export function requireCodexHome(codexHome: string | undefined = codexHomeOf(processEnv)): string {
  if (typeof codexHome === 'string' && codexHome.trim() !== '' && !codexHome.includes('\0')) return codexHome;
  throw chatgptAuthError(
    'invalid_option',
    `codexHome: expected the path of a folder, got ${describeType(codexHome)}`,
  );
}
