import { homedir } from 'node:os';
import { join } from 'node:path';
import { env as processEnv } from 'node:process';
import { invalidArgument } from 'agent-identity-core/http';
import { type Environment, readVariable } from '../read-codex-environment.js';

/**
 * The published client's folder: the given one, else `CODEX_HOME`, else `~/.codex`.
 *
 * @throws AgentIdentityError `invalid_argument`
 */
export function requireCodexHome(codexHome: string | undefined, env: Environment = processEnv): string {
  const folder = codexHome ?? readVariable(env, 'CODEX_HOME') ?? join(homedir(), '.codex');
  if (typeof folder === 'string' && folder.trim() !== '' && !folder.includes('\0')) return folder;
  throw invalidArgument('codexHome', 'the path of a folder', folder);
}
