import { untilAborted } from 'agent-identity-core/http';
import { lookUpPersonalAccessToken, requireAllowedCredentials, requireAllowedWorkspace } from 'chatgpt-auth';
import type { BearerHeaders } from '../credentials/bearer-source.js';
import { fixedSource } from '../credentials/credential-source.js';
import { requireKey } from '../credentials/require-credential.js';
import { providerAuthError } from '../errors.js';
import type { InstanceCredential } from '../instances/instance-binder.js';
import { openStoredIdentity } from '../run/stored-identity.js';
import { terminalError } from '../run/terminal-refusal.js';
import { openChatgptCredentials } from './chatgpt-credentials.js';
import { chatgptEffects, type FoundCredentials } from './find-credentials.js';
import type { SessionCredentials } from './session-auth.js';
import { type LoadContext, startFromJwt, startFromRecord } from './start-agent-identity.js';

/**
 * Opens credentials for use: starts the run of an agent identity, and looks up a personal access token.
 *
 * @throws AgentIdentityError `agent_runtime_deleted`, `invalid_agent_runtime_id`, `unsupported_credentials`, `jwt_as_bearer`, `workspace_not_allowed`,
 * `login_method_not_allowed`, and the codes of agent-identity-jwt, agent-identity-registry and chatgpt-auth
 * @throws RegistrationError
 */
export async function openCredentials(
  { credentials, signer, origin, reason, login }: FoundCredentials,
  context: LoadContext,
): Promise<SessionCredentials> {
  const { forcedWorkspaceIds, forcedLoginMethod } = context.options;
  // The account of a JWT is checked when it is verified.
  const workspaces = credentials.kind === 'agentIdentityJwt' ? [] : forcedWorkspaceIds;
  requireAllowedCredentials(credentials, { forcedWorkspaceIds: workspaces, forcedLoginMethod });
  switch (credentials.kind) {
    case 'none':
      return noCredentials(reason);
    case 'apiKey':
      return fixedCredentialsOf('api_key', reason, bearer(requireKey(credentials.apiKey(), 'API key')));
    case 'personalAccessToken':
      return openPersonalAccessToken(credentials.personalAccessToken(), reason, context);
    case 'agentIdentityJwt':
    case 'agentIdentityRecord': {
      if (credentials.terminalReason !== undefined) throw terminalError(credentials.terminalReason);
      const stored = login && origin === 'store' ? openStoredIdentity(login.store) : undefined;
      return credentials.kind === 'agentIdentityJwt'
        ? startFromJwt({ jwt: credentials.jwt(), reason, stored }, context)
        : startFromRecord({ record: credentials.record(), signer, reason, stored }, context);
    }
    case 'chatgpt':
    case 'externalChatgpt':
      if (login !== undefined) return openChatgptCredentials({ ...login, reason }, context.options);
  }
  throw providerAuthError(
    'unsupported_credentials',
    'store: expected an API key, a token, a ChatGPT login or an agent identity, got credentials of another mode',
  );
}

function noCredentials(reason: string): SessionCredentials {
  return {
    kind: 'none',
    async openSource() {
      throw providerAuthError('no_credentials', `a first-party provider needs credentials: ${reason}`);
    },
  };
}

const actorTypes = {
  api_key: 'platform_api_key',
  personal_access_token: 'personal_access_token',
} as const satisfies Partial<Record<SessionCredentials['kind'], InstanceCredential['type']>>;

function fixedCredentialsOf(
  kind: keyof typeof actorTypes,
  reason: string,
  headers: BearerHeaders,
): SessionCredentials {
  const source = fixedSource(kind, reason, headers);
  return {
    kind,
    openSource: async () => source,
    openInstanceCredential: () => ({ type: actorTypes[kind], readBearer: async () => headers }),
  };
}

/** Looks up the account of the token (docs/protocol.md section 9). */
async function openPersonalAccessToken(
  given: string,
  reason: string,
  { options, scope, signal }: LoadContext,
): Promise<SessionCredentials> {
  const token = requireKey(given, 'personal access token');
  const { whoamiBaseUrl, allowPlainHttpHosts, userAgent, originator, forcedWorkspaceIds } = options;
  const lookUpOptions = { whoamiBaseUrl, allowPlainHttpHosts, userAgent, originator };
  const lookUp = lookUpPersonalAccessToken(token, lookUpOptions, chatgptEffects(scope));
  const { accountId, isFedramp } = await untilAborted(lookUp, signal);
  requireAllowedWorkspace(accountId, forcedWorkspaceIds);
  return fixedCredentialsOf('personal_access_token', reason, {
    ...bearer(token),
    'ChatGPT-Account-ID': accountId,
    ...(isFedramp && { 'X-OpenAI-Fedramp': 'true' }),
  });
}

function bearer(token: string): { readonly Authorization: string } {
  return { Authorization: `Bearer ${token}` };
}
