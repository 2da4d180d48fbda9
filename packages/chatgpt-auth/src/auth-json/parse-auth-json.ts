import { requireKnownOptions } from 'agent-identity-core/http';
import type { AgentIdentityRecord } from 'agent-identity-core/wire';
import { decodeUnverifiedIdToken } from '../account/id-token-claims.js';
import { type AuthJson, type AuthTokens, findJwtFlaw } from './auth-json-schema.js';
import { findMisplacedIdentity } from './find-misplaced-identity.js';
import { readAuthJson, unreadable } from './read-auth-json.js';
import type { ChatgptCredentials, StoredCredentials } from './stored-credentials.js';
import { readTerminalReason } from './terminal-reason.js';

/** Options for {@link parseAuthJson}. */
export interface ParseAuthJsonOptions {
  /** Names the document in error messages, such as the path of the file. Default: `auth.json`. */
  readonly location?: string | undefined;
}

/**
 * Parses the text of an `auth.json` (docs/protocol.md section 9). A missing `auth_mode` is inferred: a personal access
 * token, a Bedrock key, an API key, ChatGPT tokens, an agent identity, in this order. A document with an agent identity in
 * any other place is refused; the error names the place.
 *
 * @param text **Secret.** No part of it is in an error.
 * @throws AgentIdentityError `unreadable_auth_file` for a text that is not JSON, not of the schema, or without the
 * member that its mode needs
 * @example
 * ```ts
 * import { parseAuthJson } from 'chatgpt-auth';
 *
 * const credentials = parseAuthJson('{"OPENAI_API_KEY":"sk-example"}');
 * // credentials.kind === 'apiKey'
 * ```
 */
export function parseAuthJson(text: string, options: ParseAuthJsonOptions = {}): StoredCredentials {
  requireKnownOptions(options, ['location'], 'options');
  const { location = 'auth.json' } = options;
  const document = readAuthJson(text, location);
  const mode = document.auth_mode ?? inferMode(document);
  const requireMember = <T>(value: T | null | undefined, name: string): T => {
    if (value !== null && value !== undefined && value !== '') return value;
    const hint = document.agent_identity ? '; for the agent identity in it expected agentIdentity' : '';
    throw unreadable(location, `the auth_mode ${mode} needs the member ${name}${hint}`);
  };
  switch (mode) {
    case undefined:
      requireNoIdentity(text, location);
      return { kind: 'none' };
    case 'chatgpt':
      return toChatgptCredentials('chatgpt', document, requireMember(document.tokens, 'tokens'));
    case 'chatgptAuthTokens':
      return toChatgptCredentials('externalChatgpt', document, requireMember(document.tokens, 'tokens'));
    case 'apikey': {
      const apiKey = requireMember(document.OPENAI_API_KEY, 'OPENAI_API_KEY');
      return { kind: 'apiKey', apiKey: () => apiKey };
    }
    case 'agentIdentity':
    case 'agent_identity': // as importers elsewhere write it
      return toAgentIdentity(document, requireMember(document.agent_identity, 'agent_identity'), location);
    case 'personalAccessToken': {
      const token = requireMember(document.personal_access_token, 'personal_access_token');
      return { kind: 'personalAccessToken', personalAccessToken: () => token };
    }
    default:
      return { kind: 'other', mode };
  }
}

function inferMode(document: AuthJson): string | undefined {
  if (document.personal_access_token) return 'personalAccessToken';
  if (document.bedrock_api_key) return 'bedrockApiKey';
  if (document.OPENAI_API_KEY) return 'apikey';
  if (document.tokens) return 'chatgpt';
  return document.agent_identity ? 'agentIdentity' : undefined;
}

function requireNoIdentity(text: string, location: string): void {
  const path = findMisplacedIdentity(JSON.parse(text));
  if (path === undefined) return;
  throw unreadable(
    location,
    `${path}: found an agent identity here; expected it as the member agent_identity, as a JWT or a record`,
  );
}

function toChatgptCredentials(
  kind: ChatgptCredentials['kind'],
  document: AuthJson,
  tokens: AuthTokens,
): StoredCredentials {
  const claims = decodeUnverifiedIdToken(tokens.id_token);
  if (claims === undefined) throw new TypeError('expected tokens of the schema');
  const { last_refresh: lastRefresh, agent_identity: identity } = document;
  const chatgptTokens = {
    accessToken: tokens.access_token,
    refreshToken: tokens.refresh_token,
    accountId: tokens.account_id || undefined,
    lastRefresh: lastRefresh ? Date.parse(lastRefresh) : undefined,
  };
  const record = typeof identity === 'object' && identity !== null ? identity : undefined;
  const terminalReason = readTerminalReason(document.agent_identity_terminal, record);
  return { kind, claims, tokens: () => chatgptTokens, storedRecord: () => record, terminalReason };
}

function toAgentIdentity(
  { agent_identity_terminal: terminal }: AuthJson,
  identity: string | AgentIdentityRecord,
  location: string,
): StoredCredentials {
  const terminalReason = readTerminalReason(terminal, identity);
  if (typeof identity !== 'string') {
    return { kind: 'agentIdentityRecord', record: () => identity, terminalReason };
  }
  const flaw = findJwtFlaw(identity);
  if (flaw !== undefined) throw unreadable(location, flaw);
  return { kind: 'agentIdentityJwt', jwt: () => identity, terminalReason };
}
