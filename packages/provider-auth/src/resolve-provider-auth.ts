import { requireEffects, requireObject } from './argument.js';
import { type Auth, type AuthCredentials, openAuth } from './auth/auth.js';
import { whyChosen } from './bearer-fallback.js';
import { providerAuthError } from './errors.js';
import { ownCredentialOf, type Provider, requireProvider } from './provider/provider.js';
import { bearerSource } from './request/bearer-source.js';
import { assertionSource, type CredentialSource, fixedSource } from './request/credential-source.js';
import { resolvedAuth } from './resolved-auth.js';
import type { ResolvedProviderAuth } from './resolved-provider-auth.js';
import { type RunScope, type RunScopeState, scopeStateOf } from './run/run-scope.js';
import { sessionAgentRun } from './session-agent-run.js';
import { untilAborted } from './until-aborted.js';

/** Whose auth, for which provider, in which run. */
export interface ProviderAuthRequest {
  readonly auth: Auth;
  readonly provider: Provider;
  /** The run; the one that the auth was loaded in by default. */
  readonly scope?: RunScope | undefined;
}

/** What resolving may be given. */
export interface ProviderAuthEffects {
  /** Ends the wait for this call; a bootstrap that others wait for goes on. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Chooses the credentials of one provider (docs/protocol.md section 10): per provider, never for the whole session.
 *
 * - A provider with a key or token of its own gets that, and one without OpenAI auth gets nothing, whatever the session
 *   has. The session's auth is not even looked at.
 * - The first-party provider gets agent assertions where the auth is an agent identity, or a ChatGPT login that may
 *   obtain one; all providers of the run share its one task. If obtaining one is unavailable, the login's bearer token
 *   is used for the rest of the session, and no second attempt is made in it.
 *
 * @throws AgentIdentityError `no_credentials`, `unknown_provider`, `invalid_argument`, and, for a ChatGPT login, the
 * codes of chatgpt-auth
 * @throws RegistrationError a bootstrap that was refused for good
 */
export async function resolveProviderAuth(
  request: ProviderAuthRequest,
  effects: ProviderAuthEffects = {},
): Promise<ResolvedProviderAuth> {
  requireObject(request, 'request');
  requireEffects(effects);
  const { signal } = effects;
  const provider = requireProvider(request.provider);
  const { credentials, scope: ownScope } = openAuth(request.auth);
  const scope = scopeStateOf(request.scope ?? ownScope);
  signal?.throwIfAborted();
  if (provider.kind !== 'first_party') return resolvedAuth(provider, foreignSource(provider));
  return resolvedAuth(provider, await firstPartySource(request.auth, credentials, { scope, signal }));
}

function foreignSource(provider: Provider): CredentialSource {
  const credential = ownCredentialOf(provider);
  if (credential === undefined) {
    return fixedSource('none', 'the provider takes no OpenAI auth, so it gets no credentials', {});
  }
  const { headerName, headerValue } = credential;
  const reason = 'the provider has a credential of its own, so it gets none of the session';
  return fixedSource('provider_credential', reason, { [headerName]: headerValue });
}

async function firstPartySource(
  auth: Auth,
  credentials: AuthCredentials,
  { scope, signal }: { readonly scope: RunScopeState; readonly signal: AbortSignal | undefined },
): Promise<CredentialSource> {
  const because = auth.describe().reason;
  if (credentials.kind === 'none') {
    throw providerAuthError('no_credentials', `a first-party provider needs credentials: ${because}`);
  }
  if (credentials.kind === 'api_key' || credentials.kind === 'personal_access_token') {
    return fixedSource(credentials.kind, because, { Authorization: `Bearer ${credentials.token}` });
  }
  const run = await untilAborted(sessionAgentRun(auth, scope), signal);
  if (credentials.kind === 'chatgpt') {
    const why = whyChosen(credentials, run === undefined ? 'bearer' : 'agent');
    if (run === undefined) return bearerSource(`${because}; ${why}`, await credentials.openIn(scope), signal);
    return assertionSource(`${because}; ${why}`, run, scope);
  }
  if (run === undefined) throw new TypeError('expected an agent identity to have a run');
  return assertionSource(because, run, scope);
}
