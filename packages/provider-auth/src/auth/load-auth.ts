import { kindOf } from 'agent-identity-core';
import type { HttpEffects } from 'agent-identity-core/http';
import { providerAuthError } from '../errors.js';
import { createRunScope, type RunScope, scopeStateOf } from '../run/run-scope.js';
import { type Auth, sealAuth } from './auth.js';
import type { AuthOptions } from './auth-options.js';
import {
  credentialsOfEnvironment,
  credentialsOfOptions,
  type FoundCredentials,
  variableOf,
} from './found-credentials.js';
import { type LoadedAuth, loadStored, started } from './load-stored.js';
import { type StartContext, startFromJwt, startFromRecord } from './start-agent-identity.js';

/**
 * Loads the auth of a session: from the options, else the environment, else the store (protocol section 9). An agent
 * identity is started: a JWT is verified, and the run task registered. Whatever is found first counts; if it cannot be
 * used, that is an error, and nothing else is tried in its place.
 *
 * Without any credentials the auth is of the kind `none`, which does for providers that need none of ours.
 *
 * @param effects What the run may be given in place of the runtime's own; where a `scope` is given, its own count, and
 * only `signal` may be among these. `signal` ends the wait for this call.
 * @throws AgentIdentityError `conflicting_credentials`, `empty_credentials`, `jwt_as_bearer`,
 * `unsupported_credentials`, `invalid_argument`, and the codes of agent-identity-jwt, agent-identity-registry and chatgpt-auth
 * @throws RegistrationError if the run task could not be registered
 */
export async function loadAuth(options: AuthOptions = {}, effects: HttpEffects = {}): Promise<Auth> {
  if (typeof options !== 'object' || options === null) {
    throw providerAuthError('invalid_argument', `options: expected an object, got ${kindOf(options)}`);
  }
  const { signal } = effects;
  signal?.throwIfAborted();
  const runScope = scopeFor(options, effects);
  const context = { options: withEnvironmentUrls(options), scope: scopeStateOf(runScope), signal };
  const found = credentialsOfOptions(options) ?? credentialsOfEnvironment(options);
  const loaded = found === undefined ? await loadStored(context) : await startFound(found, context);
  return sealAuth(loaded.description, { credentials: loaded.credentials, scope: runScope });
}

function scopeFor({ scope }: AuthOptions, { signal: _, ...effects }: HttpEffects): RunScope {
  if (scope === undefined) return createRunScope({}, effects);
  if (Object.keys(effects).length === 0) return scope;
  throw providerAuthError('invalid_argument', 'effects: the scope has its own; give them to createRunScope');
}

function withEnvironmentUrls(options: AuthOptions): AuthOptions {
  const { env = {} } = options;
  return {
    ...options,
    authapiBaseUrl: options.authapiBaseUrl ?? variableOf(env, 'CODEX_AGENT_IDENTITY_AUTHAPI_BASE_URL'),
    jwtBaseUrl: options.jwtBaseUrl ?? variableOf(env, 'CODEX_AGENT_IDENTITY_JWKS_BASE_URL'),
  };
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
