import { requireKnownOptions, requireSignal } from 'agent-identity-core/http';
import { type CredentialSource, fixedSource } from '../credentials/credential-source.js';
import { internalsOfScope, type RunScope } from '../run/run-scope.js';
import { internalsOf, type SessionAuth } from '../session/session-auth.js';
import { ownCredentialOf, type Provider, requireProvider } from './provider.js';
import { bindProviderAuth, type ResolvedProviderAuth } from './resolved-provider-auth.js';

/** Options for {@link resolveProviderAuth}. */
export interface ResolveProviderAuthOptions {
  readonly auth: SessionAuth;
  readonly provider: Provider;
  /** The run. Default: the run that the auth was loaded in. */
  readonly scope?: RunScope | undefined;
}

/** Effects of {@link resolveProviderAuth}. */
export interface ResolveProviderAuthEffects {
  /** Ends the wait for this call; work that other callers share continues. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Chooses the credentials of one provider, never for the whole session (docs/protocol.md section 10).
 *
 * - A provider with its own key or token gets that, and a provider without OpenAI auth gets nothing. The session's
 *   credentials are not used for them.
 * - The first-party provider gets agent assertions if the auth is an agent identity, or a ChatGPT login that may obtain
 *   one. All providers of the run share its one task. If obtaining one is unavailable, the session uses the login's bearer
 *   token for the rest of its life, without a second attempt.
 * - With the option `runtimeAgentInstances`, the first-party provider on an OpenAI host or a named host gets assertions of a
 *   runtime agent instance instead, or an error: nothing else (docs/protocol-instances.md).
 *
 * @throws AgentIdentityError `no_credentials`, `unknown_provider`, `invalid_argument`, `unsupported_instance_host`,
 * `cannot_register_instance`, `runtime_instance_revoked`, `runtime_assertion_invalid`, and the codes of chatgpt-auth for a
 * ChatGPT login
 * @throws RegistrationError if a registration was refused permanently
 * @example
 * ```ts
 * import { defineProvider, loadAuth, providerFetch, resolveProviderAuth } from 'provider-auth';
 *
 * async function connect(jwt: string) {
 *   const auth = await loadAuth({ jwt });
 *   const provider = defineProvider({ kind: 'first_party', baseUrl: 'https://chatgpt.com/backend-api/codex' });
 *   const resolved = await resolveProviderAuth({ auth, provider });
 *   console.log(resolved.describe());
 *   return providerFetch(resolved);
 * }
 * ```
 */
export async function resolveProviderAuth(
  options: ResolveProviderAuthOptions,
  effects: ResolveProviderAuthEffects = {},
): Promise<ResolvedProviderAuth> {
  requireKnownOptions(options, ['auth', 'provider', 'scope'], 'options');
  requireKnownOptions(effects, ['signal'], 'effects');
  requireSignal(effects.signal, 'effects.signal');
  const { signal } = effects;
  const provider = requireProvider(options.provider);
  const { credentials, scope } = internalsOf(options.auth);
  const runScope = internalsOfScope(options.scope ?? scope);
  signal?.throwIfAborted();
  const source =
    provider.kind === 'first_party'
      ? await credentials.openSource(runScope, { baseUrl: provider.baseUrl, signal })
      : openOwnSource(provider);
  return bindProviderAuth(provider, source);
}

function openOwnSource(provider: Provider): CredentialSource {
  const credential = ownCredentialOf(provider);
  if (credential === undefined) {
    return fixedSource('none', 'the provider takes no OpenAI auth, so it gets no credentials', {});
  }
  const { headerName, headerValue } = credential;
  const reason = "the provider has its own credential, so it gets none of the session's";
  return fixedSource('provider_credential', reason, { [headerName]: headerValue });
}
