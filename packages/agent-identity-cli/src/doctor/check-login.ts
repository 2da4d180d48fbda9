import type { CodexLogin } from 'chatgpt-auth/node';
import { commandLineError } from '../errors.js';
import type { CommandIo } from '../program/command-io.js';
import type { IdentityOptions } from '../session/identity-options.js';
import { authFileOf, checkPermissions, checkWritable } from './check-files.js';
import { type Finding, failed, passed } from './finding.js';

/** Reads config.toml, the environment and the store as the Codex client would, and says which credentials win. */
export async function* checkLogin(options: IdentityOptions, io: CommandIo): AsyncGenerator<Finding, boolean> {
  const { codexHome, authapiBaseUrl, jwtBaseUrl } = options;
  const { environment: env, fetch, clock } = io;
  let login: CodexLogin;
  try {
    const { openCodexLogin } = await import('chatgpt-auth/node');
    login = await openCodexLogin({ env, codexHome, authapiBaseUrl, jwtBaseUrl }, { fetch, clock });
  } catch (error) {
    yield failed('login', error);
    return false;
  }
  yield* await checkPermissions([authFileOf(login)]);
  const { auth, origin, store } = login;
  const { kind } = auth.credentials;
  if (kind === 'none') {
    const message = `expected a login in ${store.location ?? login.settings.credentialsStore}, CODEX_API_KEY or CODEX_ACCESS_TOKEN, got none`;
    yield failed('login', commandLineError('no_credentials', message));
    return false;
  }
  yield passed('login', `${kind} of ${describeOrigin(login)}${await describeLoser(origin, store)}`);
  const writable = await checkWritable(login);
  if (writable !== undefined) yield writable;
  return true;
}

function describeOrigin({ auth, origin, store, settings }: CodexLogin): string {
  if (origin === 'store') return store.location ?? settings.credentialsStore;
  return auth.credentials.kind === 'apiKey' ? 'CODEX_API_KEY' : 'CODEX_ACCESS_TOKEN';
}

/** The environment wins over a store that has a login too. */
async function describeLoser(origin: string, store: CodexLogin['store']): Promise<string> {
  if (origin === 'store') return '';
  const text = await store.read().catch(() => undefined);
  return text === undefined ? '' : `; it wins over the login in ${store.location ?? 'the store'}`;
}
