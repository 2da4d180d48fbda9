import type { ChatgptAuth } from 'chatgpt-auth';
import { requireBearerToken } from '../credential.js';
import { providerAuthError } from '../errors.js';
import type { CredentialSource } from './credential-source.js';
import { plainCredentials } from './request-credentials.js';

/**
 * The bearer token of a ChatGPT login, refreshed when a request is prepared and it is about to expire.
 *
 * @throws AgentIdentityError the codes of chatgpt-auth; `empty_credentials`: an empty bearer is never sent; `jwt_as_bearer`
 */
export async function bearerSource(
  reason: string,
  chatgpt: ChatgptAuth,
  signal: AbortSignal | undefined,
): Promise<CredentialSource> {
  let headers: Readonly<Record<string, string>> = {};
  const prepare = async (waiting: AbortSignal | null | undefined) => {
    headers = requireBearer(await chatgpt.bearerHeaders(waiting ? { signal: waiting } : {}));
  };
  await prepare(signal);
  return {
    kind: 'chatgpt_bearer',
    reason,
    actingAgent: () => undefined,
    prepare,
    credentials: () => plainCredentials(headers),
  };
}

function requireBearer(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const [, token] = /^Bearer ([\x21-\x7e]+)$/.exec(headers['Authorization'] ?? '') ?? [];
  if (token === undefined) {
    throw providerAuthError('empty_credentials', 'ChatGPT auth: expected an access token that can be sent');
  }
  requireBearerToken(token, 'ChatGPT auth');
  return headers;
}
