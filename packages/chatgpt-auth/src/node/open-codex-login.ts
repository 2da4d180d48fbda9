import { env as processEnv } from 'node:process';
import { invalidArgument, requireKnownOptions } from 'agent-identity-core/http';
import type { ChatgptAuth } from '../chatgpt-auth.js';
import { openChatgptAuth, openCredentials } from '../open-chatgpt-auth.js';
import {
  type ChatgptAuthEffects,
  chatgptAuthEffectNames,
  type OpenChatgptAuthOptions,
  resolveChatgptAuthEffects,
  resolveOptions,
  settingNames,
} from '../open-chatgpt-auth-options.js';
import { type CodexEnvironment, type Environment, readCodexEnvironment } from '../read-codex-environment.js';
import type { RuntimeAgentInstancesConfig } from '../runtime-agent-instances/resolve-runtime-agent-instances.js';
import type { AuthStore } from '../store/auth-store.js';
import { type CodexConfig, type CredentialsStore, readCodexConfig } from './codex-config.js';
import { requireCodexHome } from './codex-home.js';
import { authStoreFor } from './keyring/auto-auth-store.js';
import type { KeyringEffects } from './keyring/keyring-auth-store.js';
import { readOrCreateInstallationId } from './runtime-agent-instances/read-or-create-installation-id.js';
import { readRuntimeAgentInstances } from './runtime-agent-instances/read-runtime-agent-instances.js';

/** Options for {@link openCodexLogin}. Each one wins over `config.toml` and the environment. */
export interface OpenCodexLoginOptions extends Omit<OpenChatgptAuthOptions, 'store'> {
  /** The published client's folder. Default: `CODEX_HOME`, else `~/.codex`. */
  readonly codexHome?: string | undefined;
  /** The base of the JWKS URL. Default: `CODEX_AGENT_IDENTITY_JWKS_BASE_URL`. */
  readonly jwtBaseUrl?: string | undefined;
  /** Environment variables. Default: those of this process. */
  readonly env?: Environment | undefined;
}

/** Overrides for ambient dependencies. */
export interface OpenCodexLoginEffects extends ChatgptAuthEffects, Omit<KeyringEffects, 'clock' | 'sleep'> {}

/** The combined settings of the options, the environment and `config.toml`. Contains no secrets. */
export interface CodexSettings extends Omit<OpenChatgptAuthOptions, 'store'> {
  readonly codexHome: string;
  readonly jwtBaseUrl: string | undefined;
  readonly credentialsStore: CredentialsStore;
}

/** The login of the published client. */
export interface CodexLogin {
  /** The credentials in force: those of the environment, else those of the store. */
  readonly auth: ChatgptAuth;
  /** Where the credentials come from: `CODEX_API_KEY` or `CODEX_ACCESS_TOKEN`, or the store. */
  readonly origin: 'environment' | 'store';
  /** The store of `cli_auth_credentials_store`; not read if the environment holds the credentials. */
  readonly store: AuthStore;
  readonly settings: CodexSettings;
  /** The second generation (docs/protocol-instances.md). */
  readonly runtimeAgentInstances: CodexRuntimeAgentInstances;
}

/** Whether runtime agent instances are on, by `readRuntimeAgentInstances`, and the id to register them with. */
export interface CodexRuntimeAgentInstances extends RuntimeAgentInstancesConfig {
  /** Reads or creates the id of the installation: see `readOrCreateInstallationId`. */
  readInstallationId(): Promise<string>;
}

/**
 * Opens the login of the published client (docs/protocol.md section 9): reads the environment and `config.toml`, takes
 * the credentials from the environment, else from the file or keyring that the configuration names. Writes and sends
 * nothing.
 *
 * `auth.credentials` has the kind and the secret. `auth` creates bearer headers and, if `use_agent_identity` is on, the
 * agent identity. `auth.withEffects` returns the same login with the effects of a run, without reading it again.
 * `settings` has the URLs to verify a JWT with. `runtimeAgentInstances` tells whether requests need an instance.
 *
 * @throws AgentIdentityError `invalid_argument`, `invalid_config`, `runtime_mode_not_allowed`, `invalid_access_token`, `insecure_url`,
 * `workspace_not_allowed`, `login_method_not_allowed`, `unreadable_auth_file`, `encrypted_auth_storage`,
 * `keyring_unavailable`
 * @example
 * ```ts
 * import { openCodexLogin } from 'chatgpt-auth/node';
 *
 * const { auth, origin } = await openCodexLogin();
 * console.log(`${auth.credentials.kind} from the ${origin}`);
 * ```
 */
export async function openCodexLogin(
  options: OpenCodexLoginOptions = {},
  effects: OpenCodexLoginEffects = {},
): Promise<CodexLogin> {
  requireKnownOptions(options, ['codexHome', 'jwtBaseUrl', 'env', ...settingNames], 'options');
  requireKnownOptions(effects, [...chatgptAuthEffectNames, 'fs', 'flock', 'openEntry'], 'effects');
  const { fs, flock, openEntry, ...httpEffects } = effects;
  const { clock, sleep } = httpEffects;
  const { env = processEnv } = options;
  const environment = readCodexEnvironment(env);
  const codexHome = requireCodexHome(options.codexHome, env);
  const config = await readCodexConfig({ codexHome });
  const runtimeAgentInstances = {
    ...(await readRuntimeAgentInstances({ codexHome })),
    readInstallationId: () => readOrCreateInstallationId({ codexHome }, { fs, flock, clock, sleep }),
  };
  const store = authStoreFor(
    config.credentialsStore,
    { codexHome, secretAuthStorage: config.secretAuthStorage },
    { fs, flock, openEntry, clock, sleep },
  );
  const settings = resolveSettings(codexHome, options, environment, config);
  requireNoPassword(settings);
  const authOptions = { store, ...pickAuthSettings(settings) };
  if (environment.credentials.kind === 'none') {
    const auth = await openChatgptAuth(authOptions, httpEffects);
    return { auth, origin: 'store', store, settings, runtimeAgentInstances };
  }
  const auth = openCredentials(
    environment.credentials,
    resolveOptions(authOptions),
    resolveChatgptAuthEffects(httpEffects),
  );
  return { auth, origin: 'environment', store, settings, runtimeAgentInstances };
}

function resolveSettings(
  codexHome: string,
  options: OpenCodexLoginOptions,
  environment: CodexEnvironment,
  config: CodexConfig,
): CodexSettings {
  return {
    codexHome,
    credentialsStore: config.credentialsStore,
    policy: options.policy ?? config.policy,
    chatgptBaseUrl: options.chatgptBaseUrl ?? config.chatgptBaseUrl,
    authapiBaseUrl: options.authapiBaseUrl ?? environment.authapiBaseUrl,
    jwtBaseUrl: options.jwtBaseUrl ?? environment.jwtBaseUrl,
    whoamiBaseUrl: options.whoamiBaseUrl ?? environment.whoamiBaseUrl,
    tokenUrl: options.tokenUrl ?? environment.tokenUrl,
    clientId: options.clientId ?? environment.clientId,
    forcedWorkspaceIds: options.forcedWorkspaceIds ?? config.forcedWorkspaceIds,
    forcedLoginMethod: options.forcedLoginMethod ?? config.forcedLoginMethod,
    abom: options.abom,
    userAgent: options.userAgent,
    originator: options.originator,
    allowPlainHttpHosts: options.allowPlainHttpHosts,
  };
}

/** The settings are shown and logged, so no URL in them may have a password. The other URLs are checked where they are used. */
function requireNoPassword({ chatgptBaseUrl, jwtBaseUrl }: CodexSettings): void {
  for (const [name, url] of Object.entries({ chatgptBaseUrl, jwtBaseUrl })) {
    if (url === undefined || !URL.canParse(url)) continue;
    const { username, password } = new URL(url);
    if (username === '' && password === '') continue;
    throw invalidArgument(name, 'a URL without a user or a password', url);
  }
}

function pickAuthSettings(settings: CodexSettings): Omit<OpenChatgptAuthOptions, 'store'> {
  const { codexHome: _home, credentialsStore: _store, jwtBaseUrl: _jwt, ...authSettings } = settings;
  return authSettings;
}
