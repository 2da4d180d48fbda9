import { join } from 'node:path';
import type { CodexLogin } from 'chatgpt-auth/node';
import { commandLineError } from '../errors.js';
import type { CommandIo } from '../program/command-io.js';

/** The login in auth.json, whatever the environment holds. */
export interface StoredLogin {
  /** `none` if nothing is logged in. */
  readonly kind: CodexLogin['auth']['credentials']['kind'];
  readonly authFile: string;
  readonly store: CodexLogin['store'];
}

/**
 * Reads the login in auth.json.
 *
 * @throws AgentIdentityError `unsupported_store` if the Codex client keeps its login elsewhere; the codes of `openCodexLogin`
 */
export async function readStoredLogin(codexHome: string | undefined, io: CommandIo): Promise<StoredLogin> {
  const { credentials, ...login } = await readStoredCredentials(codexHome, io);
  return { kind: credentials.kind, ...login };
}

/**
 * Does what `readStoredLogin` does, and returns the credentials.
 *
 * @returns `credentials` are **secret**
 */
export async function readStoredCredentials(
  codexHome: string | undefined,
  io: CommandIo,
): Promise<Omit<StoredLogin, 'kind'> & { readonly credentials: CodexLogin['auth']['credentials'] }> {
  const { CODEX_API_KEY: _key, CODEX_ACCESS_TOKEN: _token, ...env } = io.environment;
  const { openCodexLogin } = await import('chatgpt-auth/node');
  const { auth, store, settings } = await openCodexLogin({ env, codexHome });
  const authFile = join(settings.codexHome, 'auth.json');
  const { credentialsStore } = settings;
  if (credentialsStore === 'file' || store.location === authFile) {
    return { credentials: auth.credentials, authFile, store };
  }
  throw commandLineError(
    'unsupported_store',
    `expected cli_auth_credentials_store = "file", got "${credentialsStore}": use codex login and codex logout`,
  );
}

/**
 * The path of auth.json, where there is no login yet and the client looks for one.
 *
 * @throws AgentIdentityError `already_logged_in`, and the codes of `readStoredLogin`
 */
export async function requireNoLogin(codexHome: string | undefined, io: CommandIo): Promise<string> {
  const { kind, authFile } = await readStoredLogin(codexHome, io);
  if (kind === 'none') return authFile;
  throw commandLineError('already_logged_in', `${authFile}: expected no login, got ${kind}; log out first`);
}
