import { describeType, type ValidityWindow } from 'agent-identity-core';
import type { Authenticator, Principal } from './authentication/authenticator.js';
import type { AuthorityOptions } from './authority-options.js';
import { authorityError } from './errors.js';
import type { ClientAddressOf } from './http/access.js';
import { type RateLimits, requireRateLimits } from './http/rate-limits.js';
import { requireSeconds } from './require-seconds.js';
import type { StoredAgentRuntime } from './runtimes/runtime-store.js';
import type { AuthorityStore } from './store/authority-store.js';

export interface CheckedAuthorityOptions {
  readonly store: AuthorityStore;
  readonly authenticator: Authenticator;
  readonly administrators: Authenticator<Principal> | undefined;
  readonly verifiers: Authenticator<Principal> | undefined;
  /** Empty, or with a slash in front and none behind. */
  readonly authapiBasePath: string;
  readonly sealsTaskIdOf: (runtime: StoredAgentRuntime) => boolean;
  readonly jwtLifetimeSeconds: number;
  readonly taskIdleTtlSeconds: number | undefined;
  readonly lookupCacheSeconds: number;
  readonly directoryMaxAgeSeconds: number;
  readonly rateLimits: RateLimits;
  readonly clientAddressOf: ClientAddressOf;
  readonly window: Required<ValidityWindow>;
}

/**
 * Fills in the defaults and refuses what would only fail at the first request.
 *
 * @throws AgentIdentityError `invalid_argument`
 */
export function requireAuthorityOptions(options: AuthorityOptions): CheckedAuthorityOptions {
  const { store, sealTaskIds = false, clientAddressOf = () => undefined } = options;
  if (typeof store?.addAgentRuntime !== 'function') throw invalid('store', 'an AuthorityStore', store);
  if (typeof sealTaskIds !== 'boolean' && typeof sealTaskIds !== 'function') {
    throw invalid('sealTaskIds', 'a boolean or a function of the runtime', sealTaskIds);
  }
  if (typeof clientAddressOf !== 'function') throw invalid('clientAddressOf', 'a function', clientAddressOf);
  return {
    store,
    ...requireAuthenticators(options),
    authapiBasePath: requirePath(options.authapiBasePath ?? ''),
    sealsTaskIdOf: typeof sealTaskIds === 'function' ? sealTaskIds : () => sealTaskIds,
    ...requireTimes(options),
    rateLimits: requireRateLimits(options.rateLimits ?? {}),
    clientAddressOf,
  };
}

function requireAuthenticators({ authenticator, administrators, verifiers }: AuthorityOptions) {
  requireAuthenticator('authenticator', authenticator);
  if (administrators !== undefined) requireAuthenticator('administrators', administrators);
  if (verifiers !== undefined) requireAuthenticator('verifiers', verifiers);
  return { authenticator, administrators, verifiers };
}

function requireAuthenticator<Subject>(name: string, authenticator: Authenticator<Subject>): void {
  if (typeof authenticator?.authenticate !== 'function')
    throw invalid(name, 'an Authenticator', authenticator);
}

function requirePath(authapiBasePath: string): string {
  if (typeof authapiBasePath !== 'string' || !/^(\/[\w.~-]+)*\/?$/.test(authapiBasePath)) {
    throw invalid('authapiBasePath', 'a path such as "/api/accounts"', authapiBasePath);
  }
  return authapiBasePath.replace(/\/$/, '');
}

function requireTimes({
  jwtLifetimeSeconds = 86_400,
  taskIdleTtlSeconds,
  lookupCacheSeconds = 0,
  directoryMaxAgeSeconds = 2,
  maxAgeSeconds = 300,
  leewaySeconds = 300,
}: AuthorityOptions) {
  requireSeconds(jwtLifetimeSeconds, 'jwtLifetimeSeconds', { min: 1 });
  // Beyond the window of registrations, or a repeat would get a task that has expired.
  if (taskIdleTtlSeconds !== undefined)
    requireSeconds(taskIdleTtlSeconds, 'taskIdleTtlSeconds', { min: 3600 });
  requireSeconds(lookupCacheSeconds, 'lookupCacheSeconds', { min: 0, max: 5 });
  requireSeconds(directoryMaxAgeSeconds, 'directoryMaxAgeSeconds', { min: 0, max: 5 });
  requireSeconds(maxAgeSeconds, 'maxAgeSeconds', { min: 0, max: 3600 });
  requireSeconds(leewaySeconds, 'leewaySeconds', { min: 0, max: 3600 });
  const window = { maxAgeSeconds, leewaySeconds };
  return { jwtLifetimeSeconds, taskIdleTtlSeconds, lookupCacheSeconds, directoryMaxAgeSeconds, window };
}

function invalid(name: string, expected: string, value: unknown): Error {
  return authorityError('invalid_argument', `${name}: expected ${expected}, got ${describeType(value)}`);
}
