import type { AgentSigner } from 'agent-identity-core';
import type { ClientIdentification, SecureUrlOptions } from 'agent-identity-core/http';
import type {
  AgentBillOfMaterials,
  AgentIdentityRecord,
  KeylessAgentIdentityRecord,
} from 'agent-identity-core/wire';
import type { JwksSource } from 'agent-identity-jwt';
import type {
  AgentIdentityPolicy,
  AuthStore,
  ChatgptAuth,
  Environment,
  OpenChatgptAuthOptions,
  RuntimeAgentInstancesConfig,
} from 'chatgpt-auth';
import type { RuntimeAgentInstancesOptions } from '../instances/runtime-agent-instances.js';
import type { RunScope } from '../run/run-scope.js';

/**
 * Options for `loadAuth`. The credentials come from the first of these that has any (docs/protocol.md section 9):
 *
 * 1. one of `apiKey`, `jwt`, `record`, `personalAccessToken` and `login`
 * 2. `env`: `CODEX_API_KEY`, else `CODEX_ACCESS_TOKEN`, which is an Agent Identity JWT or a personal access token
 * 3. `store`: the stored login
 */
export interface LoadAuthOptions extends SecureUrlOptions, ClientIdentification {
  /** **Secret.** An OpenAI API key. */
  readonly apiKey?: string | undefined;
  /** **Secret.** An Agent Identity JWT. It is verified before anything is registered. */
  readonly jwt?: string | undefined;
  /** **Secret.** An agent identity that is trusted as it is. If it has a task id, that task is used. */
  readonly record?: AgentIdentityRecord | KeylessAgentIdentityRecord | undefined;
  /**
   * The key of a `record` without one, which lives outside of this process: for example of `agent-identity-registry/ssh-agent`. Requests
   * are then signed by `prepare` of the resolved auth, at most once a second; `providerFetch` calls it.
   */
  readonly signer?: AgentSigner | undefined;
  /** **Secret.** It is looked up once, for its account. */
  readonly personalAccessToken?: string | undefined;
  /**
   * The login of the published client: the result of `openCodexLogin()` of `chatgpt-auth/node`. It brings its own
   * settings, so only `jwks`, `runtimeAgentInstances` and `scope` may be given with it.
   */
  readonly login?: OpenedLogin | undefined;
  /**
   * Environment variables, such as `process.env`. Default: none; the environment is not read otherwise. Besides the
   * credentials, its variables are the defaults of `authapiBaseUrl`, `jwtBaseUrl`, `whoamiBaseUrl`, `tokenUrl` and
   * `clientId`: see `readCodexEnvironment` of chatgpt-auth.
   */
  readonly env?: Environment | undefined;
  /**
   * The store of a login, such as `fileAuthStore()` of `chatgpt-auth/node`. Default: none. Not read if an option or the
   * environment provides credentials.
   */
  readonly store?: AuthStore | undefined;

  /**
   * The policy `runtime-agent-instances`: requests to OpenAI hosts carry assertions of the second generation, or are not
   * sent (docs/protocol-instances.md). Default: that of the `login`, else off.
   */
  readonly runtimeAgentInstances?: RuntimeAgentInstancesOptions | undefined;
  /** Whether a managed ChatGPT login may obtain an agent identity. Default: `jwt-only`, which means no. */
  readonly policy?: AgentIdentityPolicy | undefined;
  /** The only workspaces whose credentials may be used. Default: all. */
  readonly forcedWorkspaceIds?: readonly string[] | undefined;
  /** The only login method that may be used: `api` for API keys, `chatgpt` for everything else. Default: all. */
  readonly forcedLoginMethod?: 'api' | 'chatgpt' | undefined;
  /** The program that registers an agent identity for a login, and where it runs. */
  readonly abom?: AgentBillOfMaterials | undefined;

  /** The client's base URL for ChatGPT. Decides the AuthAPI and the JWKS (docs/protocol.md section 6). Default: production. */
  readonly chatgptBaseUrl?: string | undefined;
  /** The AuthAPI that registers tasks, such as that of a self-hosted authority. Wins over `chatgptBaseUrl`. */
  readonly authapiBaseUrl?: string | undefined;
  /** The base of the JWKS URL. Default: `chatgptBaseUrl`, never `authapiBaseUrl`. */
  readonly jwtBaseUrl?: string | undefined;
  /** The keys that verify a JWT. Default: those at the JWKS URL. */
  readonly jwks?: JwksSource | undefined;
  /** The AuthAPI where a personal access token is looked up. Default: production. */
  readonly whoamiBaseUrl?: string | undefined;
  /** Where access tokens of a ChatGPT login are refreshed. Default: that of chatgpt-auth. */
  readonly tokenUrl?: string | undefined;
  /** The OAuth client that the login was made with. Default: that of chatgpt-auth. */
  readonly clientId?: string | undefined;

  /** The run. Default: a new one. */
  readonly scope?: RunScope | undefined;
}

/** A login that is open, with the settings it was opened with: the result of `openCodexLogin()` of `chatgpt-auth/node`. */
export interface OpenedLogin {
  readonly auth: ChatgptAuth;
  readonly origin: 'environment' | 'store';
  readonly store: AuthStore;
  readonly settings: Omit<OpenChatgptAuthOptions, 'store'> & { readonly jwtBaseUrl?: string | undefined };
  /** Whether `config.toml` or the requirements of the system turn runtime agent instances on. Default: off. */
  readonly runtimeAgentInstances?:
    | (RuntimeAgentInstancesConfig & { readInstallationId(): Promise<string> })
    | undefined;
}
