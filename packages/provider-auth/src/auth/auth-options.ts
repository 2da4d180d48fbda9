import type { SecureUrlOptions } from 'agent-identity-core/http';
import type { AgentBillOfMaterials, AgentIdentityRecord } from 'agent-identity-core/wire';
import type { JwksSource } from 'agent-identity-jwt';
import type { AgentIdentityPolicy, AuthStore } from 'chatgpt-auth';
import type { RunScope } from '../run/run-scope.js';

/**
 * From what the auth of a session is taken, in this order (docs/protocol.md section 9):
 *
 * 1. the one of `apiKey`, `jwt`, `record` and `personalAccessToken` that is given,
 * 2. `env`: `CODEX_API_KEY`, else `CODEX_ACCESS_TOKEN`, an Agent Identity JWT or a personal access token,
 * 3. `store`: whatever is logged in there.
 */
export interface AuthOptions extends SecureUrlOptions {
  /** **Secret**: an OpenAI API key. */
  readonly apiKey?: string | undefined;
  /** **Secret**: an Agent Identity JWT; it is verified before anything is registered. */
  readonly jwt?: string | undefined;
  /** **Secret**: an agent identity that is trusted as it is. One with a task id is used with that task. */
  readonly record?: AgentIdentityRecord | undefined;
  /** **Secret.** */
  readonly personalAccessToken?: string | undefined;
  /**
   * Environment variables, such as `process.env`; none by default, as libraries do not read the environment. Besides the credentials
   * `CODEX_AGENT_IDENTITY_AUTHAPI_BASE_URL` and `CODEX_AGENT_IDENTITY_JWKS_BASE_URL` stand in for `authapiBaseUrl` and `jwtBaseUrl`.
   */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Such as `fileAuthStore()` of chatgpt-auth/node; none by default. Not even read where the others give something. */
  readonly store?: AuthStore | undefined;

  /** Whether a managed ChatGPT login may obtain an agent identity: `jwt-only`, the default, says no. */
  readonly policy?: AgentIdentityPolicy | undefined;
  /** The only workspaces whose credentials may be used; all by default. */
  readonly forcedWorkspaceIds?: readonly string[] | undefined;
  /** What registers, and where it runs, should a login obtain an agent identity. */
  readonly abom?: AgentBillOfMaterials | undefined;

  /** Where access tokens of a ChatGPT login are refreshed; that of chatgpt-auth by default. */
  readonly tokenUrl?: string | undefined;
  /** The OAuth client that the login was made with; that of chatgpt-auth by default. */
  readonly clientId?: string | undefined;

  /** The base URL that the client uses for ChatGPT; production by default. Tells the AuthAPI and the JWKS (docs/protocol.md section 6). */
  readonly chatgptBaseUrl?: string | undefined;
  /** An AuthAPI of one's own, such as a self-hosted authority. It wins over `chatgptBaseUrl`. */
  readonly authapiBaseUrl?: string | undefined;
  /** What the JWKS URL is derived from, in place of `chatgptBaseUrl`; never from `authapiBaseUrl`. */
  readonly jwtBaseUrl?: string | undefined;
  /** The keys that a JWT is verified by, in place of those at the derived URL. */
  readonly jwks?: JwksSource | undefined;

  /** The run; a scope of its own by default. */
  readonly scope?: RunScope | undefined;
}
