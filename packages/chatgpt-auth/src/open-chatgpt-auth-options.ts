import {
  type ClientIdentification,
  type HttpEffects,
  identificationHeaders,
  invalidArgument,
  type RuntimeEffects,
  requireKnownOptions,
  requireMethods,
  requireSecureUrl,
  resolveEffects,
  type SecureUrlOptions,
} from 'agent-identity-core/http';
import {
  type AgentBillOfMaterials,
  agentBillOfMaterialsSchema,
  explainSchemaError,
} from 'agent-identity-core/wire';
import * as z from 'zod/mini';
import { type ForcedLogin, requireWorkspaceIds } from './account/require-allowed-credentials.js';
import { chatgptAuthError } from './errors.js';
import type { AgentIdentityPolicy } from './policy.js';
import type { AuthStore } from './store/auth-store.js';

/** Options for `openChatgptAuth`. */
export interface OpenChatgptAuthOptions extends SecureUrlOptions, ClientIdentification {
  /** Where the credentials are kept, such as `memoryAuthStore()`, or `fileAuthStore()` of `chatgpt-auth/node`. */
  readonly store: AuthStore;
  /** Default: `jwt-only`, so no agent identity is reused or registered. */
  readonly policy?: AgentIdentityPolicy | undefined;
  /** The client's base URL for ChatGPT; it decides the AuthAPI (docs/protocol.md section 6). Default: production. */
  readonly chatgptBaseUrl?: string | undefined;
  /** The AuthAPI that registers agent identities, such as a self-hosted authority. It wins over `chatgptBaseUrl`. */
  readonly authapiBaseUrl?: string | undefined;
  /** The AuthAPI where a personal access token is looked up. Default: production. */
  readonly whoamiBaseUrl?: string | undefined;
  /** The only workspaces whose credentials may be used. Default: all. */
  readonly forcedWorkspaceIds?: readonly string[] | undefined;
  /** The only login method that may be used: `api` for API keys, `chatgpt` for everything else. Default: all. */
  readonly forcedLoginMethod?: 'api' | 'chatgpt' | undefined;
  /** The program that registers, and where it runs. The AuthAPI shows it. */
  readonly abom?: AgentBillOfMaterials | undefined;
  /** Where access tokens are refreshed. Default: `https://auth.openai.com/oauth/token`. */
  readonly tokenUrl?: string | undefined;
  /** The OAuth client that the login was made with. Default: that of the published client. */
  readonly clientId?: string | undefined;
}

/** Overrides for ambient dependencies. Signals are passed to each call instead. */
export type ChatgptAuthEffects = Omit<HttpEffects, 'signal'>;

/** {@link OpenChatgptAuthOptions} with every default filled in. */
export interface ResolvedOptions extends SecureUrlOptions, ClientIdentification, ForcedLogin {
  readonly store: AuthStore;
  readonly policy: AgentIdentityPolicy;
  readonly chatgptBaseUrl: string | undefined;
  readonly authapiBaseUrl: string | undefined;
  readonly whoamiBaseUrl: string;
  readonly abom: AgentBillOfMaterials;
  readonly tokenUrl: string;
  readonly clientId: string;
}

/** The option names of `openChatgptAuth` except `store`. */
export const settingNames = [
  'policy',
  'chatgptBaseUrl',
  'authapiBaseUrl',
  'whoamiBaseUrl',
  'forcedWorkspaceIds',
  'forcedLoginMethod',
  'abom',
  'tokenUrl',
  'clientId',
  'allowPlainHttpHosts',
  'userAgent',
  'originator',
] as const;

const text = z
  .string()
  .check(z.refine((value) => value.trim() !== '', 'expected a string that is not blank'));

const settingsSchema = z.object({
  policy: z._default(z.enum(['jwt-only', 'chatgpt-auth']), 'jwt-only'),
  chatgptBaseUrl: z.optional(text),
  authapiBaseUrl: z.optional(text),
  whoamiBaseUrl: z._default(text, 'https://auth.openai.com/api/accounts'),
  forcedLoginMethod: z.optional(z.enum(['api', 'chatgpt'])),
  tokenUrl: z._default(text, 'https://auth.openai.com/oauth/token'),
  clientId: z._default(text, 'app_EMoamEEZ73f0CkXaXp7hrann'),
  allowPlainHttpHosts: z.optional(z.array(text)),
});

const defaultAbom: AgentBillOfMaterials = {
  agent_version: 'unknown',
  agent_harness_id: 'chatgpt-auth',
  running_location: 'unknown',
};

/** @throws AgentIdentityError `invalid_argument`; `insecure_url` for a URL that no credentials may be sent to */
export function resolveOptions(options: OpenChatgptAuthOptions): ResolvedOptions {
  requireKnownOptions(options, ['store', ...settingNames], 'options');
  const { store, forcedWorkspaceIds = [], abom = defaultAbom, userAgent, originator } = options;
  requireMethods(store, ['read', 'update', 'withLock'], 'store', 'an AuthStore');
  if (store.requireWritable !== undefined) {
    requireMethods(store, ['requireWritable'], 'store', 'an AuthStore');
  }
  requireWorkspaceIds(forcedWorkspaceIds);
  const settings = requireSchema(settingsSchema, options, '');
  const { whoamiBaseUrl, tokenUrl, authapiBaseUrl, allowPlainHttpHosts } = settings;
  for (const [name, url] of Object.entries({ authapiBaseUrl, whoamiBaseUrl, tokenUrl })) {
    if (url !== undefined) requireSecureUrl(url, name, { allowPlainHttpHosts });
  }
  identificationHeaders({ userAgent, originator });
  return {
    ...settings,
    authapiBaseUrl,
    allowPlainHttpHosts,
    chatgptBaseUrl: settings.chatgptBaseUrl,
    forcedLoginMethod: settings.forcedLoginMethod,
    store,
    forcedWorkspaceIds: [...forcedWorkspaceIds],
    abom: requireSchema(agentBillOfMaterialsSchema, abom, 'abom'),
    userAgent,
    originator,
  };
}

function requireSchema<T>(
  schema: { safeParse(value: unknown): z.core.util.SafeParseResult<T> },
  value: unknown,
  name: string,
): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw chatgptAuthError('invalid_argument', explainSchemaError(result.error, value, name));
}

/** @throws AgentIdentityError `invalid_argument` */
export function resolveChatgptAuthEffects(effects: ChatgptAuthEffects): RuntimeEffects {
  requireKnownOptions(effects, chatgptAuthEffectNames, 'effects');
  const signal: unknown = Reflect.get(effects, 'signal');
  if (signal !== undefined)
    throw invalidArgument('effects.signal', 'no signal; pass one to each call', signal);
  return resolveEffects(effects);
}

export const chatgptAuthEffectNames = [
  'fetch',
  'clock',
  'monotonicClock',
  'sleep',
  'random',
  'signal',
] as const;
