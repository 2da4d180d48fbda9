import type { HttpEffects } from 'agent-identity-core/http';
import { requireEffects } from '../argument.js';
import { providerAuthError } from '../errors.js';
import { createRunScope, type RunScope, scopeStateOf } from '../run/run-scope.js';
import { type Auth, sealAuth } from './auth.js';
import type { AuthOptions } from './auth-options.js';
import {
  credentialsOfEnvironment,
  credentialsOfOptions,
  type FoundCredentials,
} from './found-credentials.js';
import { type LoadedAuth, loadStored, started } from './load-stored.js';
import { requireAuthOptions } from './require-auth-options.js';
import { type StartContext, startFromJwt, startFromRecord } from './start-agent-identity.js';

/**
 * Loads the auth of a session: from the options, else the environment, else the store (docs/protocol.md section 9). An agent
 * identity is started: a JWT is verified, and the run task registered. Whatever is found first counts; if it cannot be
 * used, that is an error, and nothing else is tried in its place.
 *
 * Without any credentials the auth is of the kind `none`, which does for providers that need none of ours.
 *
 * @param given The options; they are checked, whichever of them will be of use.
 * @param effects What the run may be given in place of the runtime's own; where a `scope` is given, its own count, and
 * only `signal` may be among these. `signal` ends the wait for this call.
 * @throws AgentIdentityError `conflicting_credentials`, `empty_credentials`, `jwt_as_bearer`,
 * `unsupported_credentials`, `invalid_argument`, and the codes of agent-identity-jwt, agent-identity-registry and chatgpt-auth
 * @throws RegistrationError if the run task could not be registered
 */
export async function loadAuth(given: AuthOptions = {}, effects: HttpEffects = {}): Promise<Auth> {
  const options = requireAuthOptions(given);
  requireEffects(effects);
  const { signal } = effects;
  signal?.throwIfAborted();
  const runScope = scopeFor(options, effects);
  const context = { options, scope: scopeStateOf(runScope), signal };
  const found = credentialsOfOptions(options) ?? credentialsOfEnvironment(options);
  const loaded = found === undefined ? await loadStored(context) : await startFound(found, context);
  return sealAuth(loaded.description, { credentials: loaded.credentials, scope: runScope });
}

function scopeFor({ scope }: AuthOptions, { signal: _, ...effects }: HttpEffects): RunScope {
  if (scope === undefined) return createRunScope({}, effects);
  if (Object.values(effects).every((effect) => effect === undefined)) return scope;
  throw providerAuthError('invalid_argument', 'effects: the scope has its own; give them to createRunScope');
}

async function startFound(found: FoundCredentials, context: StartContext): Promise<LoadedAuth> {
  const description = { origin: found.origin, reason: found.reason };
  switch (found.kind) {
    case 'jwt':
      return started(description, await startFromJwt(found.token, context));
    case 'record':
      return started(description, await startFromRecord(found.record, context));
    default:
      return { description, credentials: { kind: found.kind, token: found.token } };
  }
}
