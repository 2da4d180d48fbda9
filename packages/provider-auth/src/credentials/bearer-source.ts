import type { ChatgptAuth } from 'chatgpt-auth';
import { providerAuthError } from '../errors.js';
import { describeFailure } from '../run/observe-run.js';
import type { RunScopeState } from '../run/run-scope.js';
import type { CredentialSource } from './credential-source.js';
import { fixedCredentials, type ProviderCredentials } from './provider-credentials.js';
import { requireBearerToken } from './require-credential.js';

/**
 * Creates a source that sends the bearer token of a ChatGPT login (docs/protocol.md section 9). A token that is about to
 * expire is refreshed when a request is prepared. After a 401, the store is read again and the token refreshed, and the
 * request is retried once.
 *
 * @throws AgentIdentityError the codes of chatgpt-auth; `empty_credentials`, `jwt_as_bearer`
 */
export async function openBearerSource(
  reason: string,
  chatgpt: ChatgptAuth,
  scope: RunScopeState,
  signal: AbortSignal | undefined,
): Promise<CredentialSource> {
  const readHeaders = (waiting: AbortSignal | null | undefined) => readBearerHeaders(chatgpt, waiting);
  let headers = await readHeaders(signal);

  /** Whether the login has another access token now than the refused one. */
  async function replaceToken(refused: string, waiting: AbortSignal | null | undefined): Promise<boolean> {
    try {
      const refusedAccessToken = refused.slice('Bearer '.length);
      await chatgpt.refreshTokens({ refusedAccessToken, signal: waiting ?? undefined });
    } catch (error) {
      waiting?.throwIfAborted();
      const { errorCode } = describeFailure(error);
      scope.observation.notify({ type: 'bearer_refresh_failed', errorCode });
      return false;
    }
    headers = await readHeaders(waiting);
    return headers.Authorization !== refused;
  }

  function credentials(isRetry: boolean): ProviderCredentials {
    const sent = headers;
    // Only a managed login can be refreshed.
    const mayRetry = !isRetry && chatgpt.credentials.kind === 'chatgpt';
    return {
      ...fixedCredentials(sent),
      mayRetry,
      async afterResponse({ status }, { signal: waiting } = {}) {
        if (status !== 401 || !mayRetry) return undefined;
        return (await replaceToken(sent.Authorization, waiting)) ? credentials(true) : undefined;
      },
      forRedirect: () => credentials(isRetry),
    };
  }

  return {
    kind: 'chatgpt_bearer',
    reason,
    actingAgent: undefined,
    async prepare(waiting) {
      headers = await readHeaders(waiting);
    },
    credentials: () => credentials(false),
  };
}

/** Headers with a bearer token. **Secret.** */
export interface BearerHeaders extends Readonly<Record<string, string>> {
  readonly Authorization: string;
}

/**
 * Returns the headers of a ChatGPT login. Stale tokens are refreshed first.
 *
 * @throws AgentIdentityError the codes of chatgpt-auth; `empty_credentials`, `jwt_as_bearer`
 */
export async function readBearerHeaders(
  chatgpt: ChatgptAuth,
  waiting: AbortSignal | null | undefined,
): Promise<BearerHeaders> {
  return requireBearer(await chatgpt.bearerHeaders({ signal: waiting ?? undefined }));
}

function requireBearer(headers: Readonly<Record<string, string>>): BearerHeaders {
  const { Authorization = '' } = headers;
  const [, token] = /^Bearer ([\x21-\x7e]+)$/.exec(Authorization) ?? [];
  if (token === undefined) {
    throw providerAuthError('empty_credentials', 'ChatGPT auth: expected an access token that can be sent');
  }
  requireBearerToken(token, 'ChatGPT auth');
  return { ...headers, Authorization };
}
