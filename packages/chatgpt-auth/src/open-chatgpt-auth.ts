import type { AgentIdentityAuth } from 'agent-identity-registry';
import { accountIdOf } from './account/account-binding.js';
import { requireAllowedCredentials } from './account/require-allowed-workspace.js';
import { parseAuthJson } from './auth-json/parse-auth-json.js';
import type { ChatgptCredentials, StoredCredentials } from './auth-json/stored-credentials.js';
import { TokenSession } from './bearer/token-session.js';
import { bootstrapAgentIdentity } from './bootstrap/bootstrap-agent-identity.js';
import type { CallOptions, ChatgptAccount, ChatgptAuth, RefreshOptions } from './chatgpt-auth.js';
import { type ChatgptAuthOptions, type CheckedOptions, requireOptions } from './chatgpt-auth-options.js';
import { chatgptAuthError } from './errors.js';
import type { AgentIdentityPolicy } from './policy.js';
import {
  type ChatgptAuthEffects,
  type RuntimeEffects,
  withRuntimeEffects,
} from './runtime/runtime-effects.js';
import { SingleFlight } from './runtime/single-flight.js';

/**
 * Opens what a store holds. It is read once here; nothing is written, locked or sent before a method asks for it, and
 * with the default policy `jwt-only` nothing ever is on account of an agent identity (docs/protocol.md section 9).
 *
 * @throws AgentIdentityError `invalid_option`, `insecure_url`, `workspace_not_allowed`, and those of `store.read`
 */
export async function openChatgptAuth(
  options: ChatgptAuthOptions,
  effects: ChatgptAuthEffects = {},
): Promise<ChatgptAuth> {
  const checked = requireOptions(options);
  const runtime = withRuntimeEffects(effects);
  const text = await checked.store.read();
  const credentials: StoredCredentials = text === undefined ? { kind: 'none' } : parseAuthJson(text);
  requireAllowedCredentials(credentials, checked.forcedWorkspaceIds);
  return new OpenChatgptAuth(credentials, checked, runtime);
}

class OpenChatgptAuth implements ChatgptAuth {
  readonly policy: AgentIdentityPolicy;
  readonly #opened: StoredCredentials;
  readonly #session: TokenSession | undefined;
  readonly #options: CheckedOptions;
  readonly #effects: RuntimeEffects;
  readonly #bootstraps = new SingleFlight<AgentIdentityAuth>();
  #identity: AgentIdentityAuth | undefined;

  constructor(opened: StoredCredentials, options: CheckedOptions, effects: RuntimeEffects) {
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
    if (credentials.kind !== 'chatgpt' && credentials.kind !== 'externalChatgpt') return undefined;
    const accountId = accountIdOf(credentials, this.#options.forcedWorkspaceIds);
    return { ...credentials.claims, accountId };
  }

  async bearerHeaders({ signal }: CallOptions = {}): Promise<Record<string, string>> {
    signal?.throwIfAborted();
    const tokens = (await this.#session?.freshTokens(signal)) ?? this.#chatgpt().tokens();
    const { accountId, isFedramp } = this.account ?? {};
    return {
      Authorization: `Bearer ${tokens.accessToken}`,
      ...(accountId !== undefined && { 'ChatGPT-Account-ID': accountId }),
      ...(isFedramp && { 'X-OpenAI-Fedramp': 'true' }),
    };
  }

  async refreshTokens({ signal, refusedAccessToken }: RefreshOptions = {}): Promise<void> {
    if (this.#session === undefined) throw notChatgpt(this.#opened);
    const refused = refusedAccessToken ?? this.#session.login.tokens().accessToken;
    await this.#session.refresh(refused, signal);
  }

  async agentIdentityAuth({ signal }: CallOptions = {}): Promise<AgentIdentityAuth | undefined> {
    const session = this.#session;
    if (this.policy !== 'chatgpt-auth' || session === undefined) return undefined;
    this.#identity ??= await this.#bootstraps.join(
      () => bootstrapAgentIdentity(session, this.#options, this.#effects),
      signal,
    );
    return this.#identity;
  }

  #chatgpt(): ChatgptCredentials {
    if (this.#opened.kind === 'externalChatgpt') return this.#opened;
    throw notChatgpt(this.#opened);
  }
}

function notChatgpt({ kind }: StoredCredentials): Error {
  const text = `ChatGPT auth: expected a ChatGPT login, got credentials of the kind ${kind}`;
  return chatgptAuthError('not_chatgpt_auth', text);
}
