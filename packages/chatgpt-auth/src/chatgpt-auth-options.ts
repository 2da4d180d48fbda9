import { describeType } from 'agent-identity-core';
import { requireSecureUrl, type SecureUrlOptions } from 'agent-identity-core/http';
import { type AgentBillOfMaterials, agentBillOfMaterialsSchema } from 'agent-identity-core/wire';
import * as z from 'zod';
import { workspaceIdsSchema } from './account/workspace-ids.js';
import { chatgptAuthError } from './errors.js';
import type { AgentIdentityPolicy } from './policy.js';
import type { AuthStore } from './store/auth-store.js';

/** How ChatGPT auth is opened. */
export interface ChatgptAuthOptions extends SecureUrlOptions {
  /** Where the credentials are kept: `fileAuthStore`, `keyringAuthStore`, `autoAuthStore` or `memoryAuthStore`. */
  readonly store: AuthStore;
  /** `jwt-only` by default: no agent identity is reused or registered. */
  readonly policy?: AgentIdentityPolicy | undefined;
  /** The base URL that the client uses for ChatGPT; none means production. Tells the AuthAPI (docs/protocol.md section 6). */
  readonly chatgptBaseUrl?: string | undefined;
  /** An AuthAPI base URL of one's own, such as a self-hosted authority's. It wins over `chatgptBaseUrl`. */
  readonly authapiBaseUrl?: string | undefined;
  /** The only workspaces whose credentials may be used; all by default. */
  readonly forcedWorkspaceIds?: readonly string[] | undefined;
  /** What registers, and where it runs; the AuthAPI shows it. */
  readonly abom?: AgentBillOfMaterials | undefined;
  /** Where access tokens are refreshed; `https://auth.openai.com/oauth/token` by default. */
  readonly tokenUrl?: string | undefined;
  /** The OAuth client that the login was made with; that of the published client by default. */
  readonly clientId?: string | undefined;
}

/** The options with their defaults. */
export interface CheckedOptions extends SecureUrlOptions {
  readonly store: AuthStore;
  readonly policy: AgentIdentityPolicy;
  readonly chatgptBaseUrl: string | undefined;
  readonly authapiBaseUrl: string | undefined;
  readonly forcedWorkspaceIds: readonly string[];
  readonly abom: AgentBillOfMaterials;
  readonly tokenUrl: string;
  readonly clientId: string;
}

const text = z.string().refine((value) => value.trim() !== '', 'expected a string that is not blank');

const storeSchema = z.custom<AuthStore>((store) => {
  if (typeof store !== 'object' || store === null) return false;
  const kindOfMethod = (name: keyof AuthStore) => typeof Reflect.get(store, name);
  return (
    (['read', 'update', 'exclusively'] as const).every((name) => kindOfMethod(name) === 'function') &&
    ['undefined', 'function'].includes(kindOfMethod('requireWritable'))
  );
}, 'expected an AuthStore');

const optionsSchema = z.object({
  store: storeSchema,
  policy: z.enum(['jwt-only', 'chatgpt-auth']).default('jwt-only'),
  chatgptBaseUrl: text.optional(),
  authapiBaseUrl: text.optional(),
  allowPlainHttpHosts: z.array(text).optional(),
  forcedWorkspaceIds: workspaceIdsSchema.default([]),
  abom: agentBillOfMaterialsSchema.default({
    agent_version: 'unknown',
    agent_harness_id: 'chatgpt-auth',
    running_location: 'unknown',
  }),
  tokenUrl: text.default('https://auth.openai.com/oauth/token'),
  clientId: text.default('app_EMoamEEZ73f0CkXaXp7hrann'),
});

/**
 * @throws AgentIdentityError `invalid_option`; `insecure_url` for a `tokenUrl` or `authapiBaseUrl` that nothing may
 * be sent to
 */
export function requireOptions(options: ChatgptAuthOptions): CheckedOptions {
  const result = optionsSchema.safeParse(options);
  if (!result.success) {
    const [issue] = result.error.issues;
    const name = issue?.path.join('.') || `options, ${describeType(options)}`;
    throw chatgptAuthError('invalid_option', `${name}: ${issue?.message ?? 'not valid'}`);
  }
  const { allowPlainHttpHosts, ...checked } = result.data;
  const secureUrl = allowPlainHttpHosts === undefined ? {} : { allowPlainHttpHosts };
  requireSecureUrl(checked.tokenUrl, 'tokenUrl', secureUrl);
  if (checked.authapiBaseUrl !== undefined) {
    requireSecureUrl(checked.authapiBaseUrl, 'authapiBaseUrl', secureUrl);
  }
  return {
    ...checked,
    ...secureUrl,
    chatgptBaseUrl: checked.chatgptBaseUrl,
    authapiBaseUrl: checked.authapiBaseUrl,
  };
}
