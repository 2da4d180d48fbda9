import { createSingleFlight, type RuntimeEffects, requireKnownOptions } from 'agent-identity-core/http';
import type { AgentIdentityAuth } from 'agent-identity-registry';
import { findAccountId } from './account/account-binding.js';
import { requireAllowedCredentials, requireAllowedWorkspace } from './account/require-allowed-credentials.js';
import { parseAuthJson } from './auth-json/parse-auth-json.js';
import type { StoredCredentials } from './auth-json/stored-credentials.js';
import { lookUpPersonalAccessToken } from './bearer/look-up-personal-access-token.js';
import { TokenSession } from './bearer/token-session.js';
import { bootstrapAgentIdentity } from './bootstrap/bootstrap-agent-identity.js';
import type { CallOptions, ChatgptAccount, ChatgptAuth, RefreshTokensOptions } from './chatgpt-auth.js';
import { chatgptAuthError } from './errors.js';
import {
  type ChatgptAuthEffects,
  type OpenChatgptAuthOptions,
  type ResolvedOptions,
  resolveChatgptAuthEffects,
  resolveOptions,
} from './open-chatgpt-auth-options.js';
import type { AgentIdentityPolicy } from './policy.js';

/**
 * Opens the credentials of a store. Reads the store once. Writes, locks and sends nothing before a method needs it, and
 * with the default policy `jwt-only` never does so for an agent identity (docs/protocol.md section 9).
 *
 * @throws AgentIdentityError `invalid_argument`, `insecure_url`, `workspace_not_allowed`, `login_method_not_allowed`,
 * and those of `store.read`
 * @example
 * ```ts
 * import { type AuthStore, openChatgptAuth } from 'chatgpt-auth';
 *
 * async function callChatgpt(store: AuthStore) {
 *   const auth = await openChatgptAuth({ store });
 *   return fetch('https://chatgpt.com/backend-api/wham/usage', { headers: await auth.bearerHeaders() });
 * }
 * ```
 */
export async function openChatgptAuth(
  options: OpenChatgptAuthOptions,
  effects: ChatgptAuthEffects = {},
): Promise<ChatgptAuth> {
  const resolved = resolveOptions(options);
  const runtime = resolveChatgptAuthEffects(effects);
  const { store } = resolved;
  const text = await store.read();
  const credentials: StoredCredentials =
    text === undefined ? { kind: 'none' } : parseAuthJson(text, { location: store.location });
  return openCredentials(credentials, resolved, runtime);
}

/**
 * Opens credentials that are already read.
 *
 * @throws AgentIdentityError `workspace_not_allowed`, `login_method_not_allowed`
 */
export function openCredentials(
  credentials: StoredCredentials,
  options: ResolvedOptions,
  effects: RuntimeEffects,
): ChatgptAuth {
  requireAllowedCredentials(credentials, options);
  return new OpenChatgptAuth(credentials, options, effects);
}

class OpenChatgptAuth implements ChatgptAuth {
  readonly policy: AgentIdentityPolicy;
  readonly #opened: StoredCredentials;
  readonly #session: TokenSession | undefined;
  readonly #options: ResolvedOptions;
  readonly #effects: RuntimeEffects;
  readonly #bootstraps = createSingleFlight<AgentIdentityAuth>({ whenAbandoned: 'finish' });
  readonly #lookUps = createSingleFlight<ChatgptAccount>({ whenAbandoned: 'finish' });
  #identity: AgentIdentityAuth | undefined;
  /** The account of a personal access token. */
  #lookedUp: ChatgptAccount | undefined;

  constructor(opened: StoredCredentials, options: ResolvedOptions, effects: RuntimeEffects) {
    this.policy = options.policy;
    this.#opened = opened;
    this.#session = opened.kind === 'chatgpt' ? new TokenSession(opened, options, effects) : undefined;
    this.#options = options;
    this.#effects = effects;
  }

  get credentials(): StoredCredentials {
    return this.#session?.login ?? this.#opened;
  }

  get account(): ChatgptAccount | undefined {
    const { credentials } = this;
    if (credentials.kind !== 'chatgpt' && credentials.kind !== 'externalChatgpt') return this.#lookedUp;
    const accountId = findAccountId(credentials, this.#options.forcedWorkspaceIds);
    return { ...credentials.claims, accountId };
  }

  async bearerHeaders(options: CallOptions = {}): Promise<Record<string, string>> {
    requireKnownOptions(options, ['signal'], 'options');
    options.signal?.throwIfAborted();
    const token = await this.#findBearerToken(options.signal);
    const { accountId, isFedramp } = this.account ?? {};
    return {
      Authorization: `Bearer ${token}`,
      ...(accountId !== undefined && { 'ChatGPT-Account-ID': accountId }),
      ...(isFedramp && { 'X-OpenAI-Fedramp': 'true' }),
    };
  }

  async #findBearerToken(signal: AbortSignal | undefined): Promise<string> {
    if (this.#session !== undefined) return (await this.#session.freshTokens(signal)).accessToken;
    const opened = this.#opened;
    if (opened.kind === 'externalChatgpt') return opened.tokens().accessToken;
    if (opened.kind !== 'personalAccessToken') throw notChatgpt(opened);
    const token = opened.personalAccessToken();
    this.#lookedUp ??= await this.#lookUps.join('whoami', () => this.#lookUp(token), signal);
    return token;
  }

  async #lookUp(token: string): Promise<ChatgptAccount> {
    const { whoamiBaseUrl, allowPlainHttpHosts, userAgent, originator, forcedWorkspaceIds } = this.#options;
    const { fetch } = this.#effects;
    const account = await lookUpPersonalAccessToken(
      token,
      { whoamiBaseUrl, allowPlainHttpHosts, userAgent, originator },
      { fetch },
    );
    requireAllowedWorkspace(account.accountId, forcedWorkspaceIds);
    return account;
  }

  async refreshTokens(options: RefreshTokensOptions = {}): Promise<void> {
    requireKnownOptions(options, ['signal', 'refusedAccessToken'], 'options');
    if (this.#session === undefined) throw notChatgpt(this.#opened);
    const refused = options.refusedAccessToken ?? this.#session.login.tokens().accessToken;
    await this.#session.refresh(refused, options.signal);
  }

  async agentIdentityAuth(options: CallOptions = {}): Promise<AgentIdentityAuth | undefined> {
    requireKnownOptions(options, ['signal'], 'options');
    const session = this.#session;
    if (this.policy !== 'chatgpt-auth' || session === undefined) return undefined;
    this.#identity ??= await this.#bootstraps.join(
      'bootstrap',
      () => bootstrapAgentIdentity(session, this.#options, this.#effects),
      options.signal,
    );
    return this.#identity;
  }

  withEffects(effects: ChatgptAuthEffects): ChatgptAuth {
    return new OpenChatgptAuth(this.credentials, this.#options, resolveChatgptAuthEffects(effects));
  }
}

function notChatgpt({ kind }: StoredCredentials): Error {
  return chatgptAuthError(
    'not_chatgpt_auth',
    `ChatGPT auth: expected a ChatGPT login, got credentials of the kind ${kind}`,
  );
}
