import { type HttpEffects, requireObject, requireSignal, untilAborted } from 'agent-identity-core/http';
import { providerAuthError } from '../errors.js';
import { createRunScope, internalsOfScope, type RunScope } from '../run/run-scope.js';
import { findCredentials } from './find-credentials.js';
import type { LoadAuthOptions } from './load-auth-options.js';
import { openCredentials } from './open-credentials.js';
import { resolveLoadAuthOptions } from './resolve-load-auth-options.js';
import { bindInternals, type SessionAuth } from './session-auth.js';
import { findRuntimeAgentInstances, withRuntimeAgentInstances } from './with-runtime-agent-instances.js';

/**
 * Loads the credentials of a session from the options, else the environment, else the store (docs/protocol.md section 9),
 * and opens them: verifies a JWT and registers the task of its run, or looks up the account of a personal access token.
 * The first credentials found are used. If they are not usable, that is an error, and nothing else is tried.
 *
 * Without any credentials, the auth has the kind `none`, which is enough for providers that do not need the session's.
 *
 * @param effects Overrides for the run. With the option `scope`, which has its own effects, only `signal` is allowed.
 * `signal` ends the wait for this call.
 * @throws AgentIdentityError `conflicting_credentials`, `empty_credentials`, `jwt_as_bearer`,
 * `unsupported_credentials`, `invalid_argument`, and the codes of agent-identity-jwt, agent-identity-registry and
 * chatgpt-auth
 * @throws RegistrationError if the run task could not be registered
 * @example
 * ```ts
 * import { loadAuth, providerFetch } from 'provider-auth';
 *
 * async function connect(jwt: string) {
 *   const auth = await loadAuth({ jwt });
 *   return providerFetch(auth, { kind: 'first_party', baseUrl: 'https://chatgpt.com/backend-api/codex' });
 * }
 * ```
 */
export async function loadAuth(
  options: LoadAuthOptions = {},
  effects: HttpEffects = {},
): Promise<SessionAuth> {
  const resolved = resolveLoadAuthOptions(options);
  requireObject(effects, 'effects');
  const { signal } = effects;
  requireSignal(signal, 'effects.signal');
  const runScope = scopeFor(resolved, effects);
  signal?.throwIfAborted();
  const scope = internalsOfScope(runScope);
  const found = await untilAborted(findCredentials(resolved, scope), signal);
  const instances = await untilAborted(findRuntimeAgentInstances(resolved), signal);
  const opened = await openCredentials(found, { options: resolved, scope, signal });
  const credentials =
    instances === undefined
      ? opened
      : withRuntimeAgentInstances(opened, { instances, options: resolved, reason: found.reason });
  const { origin, reason } = found;
  return bindInternals({ origin, reason }, { credentials, scope: runScope });
}

function scopeFor(
  { scope }: Pick<LoadAuthOptions, 'scope'>,
  { signal: _, ...effects }: HttpEffects,
): RunScope {
  if (scope === undefined) return createRunScope({}, effects);
  if (Object.values(effects).every((effect) => effect === undefined)) return scope;
  const message = 'effects: the scope has its own effects; pass them to createRunScope';
  throw providerAuthError('invalid_argument', message);
}
