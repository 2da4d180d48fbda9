import { decodeUnverifiedIdToken } from '../account/id-token-claims.js';
import { chatgptAuthError } from '../errors.js';
import type { AuthJson, AuthTokens } from './auth-json-schema.js';
import { readAuthJson } from './read-auth-json.js';
import type { ChatgptCredentials, StoredCredentials } from './stored-credentials.js';

/**
 * Reads the text of an `auth.json` (docs/protocol.md section 9). Where `auth_mode` is missing it is inferred: an API key, else
 * ChatGPT tokens, else nobody is logged in.
 *
 * @param text **Secret.**
 * @throws AgentIdentityError `unreadable_auth_file` for a text that is not JSON, not of the schema, or without the
 * member that its mode needs
 */
export function parseAuthJson(text: string): StoredCredentials {
  const document = readAuthJson(text);
  const mode = document.auth_mode ?? inferMode(document);
  switch (mode) {
    case undefined:
      return { kind: 'none' };
    case 'chatgpt':
      return chatgpt('chatgpt', document, required(document.tokens, 'tokens', mode));
    case 'chatgptAuthTokens':
      return chatgpt('externalChatgpt', document, required(document.tokens, 'tokens', mode));
    case 'apikey': {
      const apiKey = required(document.OPENAI_API_KEY, 'OPENAI_API_KEY', mode);
      return { kind: 'apiKey', apiKey: () => apiKey };
    }
    case 'agentIdentity':
    case 'agent_identity': // as importers elsewhere write it
      return agentIdentity(required(document.agent_identity, 'agent_identity', mode));
    case 'personalAccessToken': {
      const token = required(document.personal_access_token, 'personal_access_token', mode);
      return { kind: 'personalAccessToken', personalAccessToken: () => token };
    }
    default:
      return { kind: 'other', mode };
  }
}

/** The published client's order (docs/protocol.md section 9). */
function inferMode(document: AuthJson): string | undefined {
  if (document.personal_access_token) return 'personalAccessToken';
  if (document.bedrock_api_key) return 'bedrockApiKey';
  if (document.OPENAI_API_KEY) return 'apikey';
  return document.tokens ? 'chatgpt' : undefined;
}

function chatgpt(
  kind: ChatgptCredentials['kind'],
  document: AuthJson,
  tokens: AuthTokens,
): StoredCredentials {
  const claims = decodeUnverifiedIdToken(tokens.id_token);
  if (claims === undefined) throw missing('tokens.id_token', kind);
  const { last_refresh: lastRefresh, agent_identity: identity } = document;
  const chatgptTokens = {
    accessToken: tokens.access_token,
    refreshToken: tokens.refresh_token,
    accountId: tokens.account_id || undefined,
    lastRefresh: lastRefresh ? Date.parse(lastRefresh) : undefined,
  };
  const record = typeof identity === 'object' && identity !== null ? identity : undefined;
  return { kind, claims, tokens: () => chatgptTokens, storedRecord: () => record };
}

function agentIdentity(identity: NonNullable<AuthJson['agent_identity']>): StoredCredentials {
  return typeof identity === 'string'
    ? { kind: 'agentIdentityJwt', jwt: () => identity }
    : { kind: 'agentIdentityRecord', record: () => identity };
}

function required<T>(value: T | null | undefined, member: string, mode: string): T {
  if (value === null || value === undefined || value === '') throw missing(member, mode);
  return value;
}

function missing(member: string, mode: string): Error {
  const text = `auth.json: the mode ${mode} needs the member ${member}; the file was left as it is`;
  return chatgptAuthError('unreadable_auth_file', text);
}
