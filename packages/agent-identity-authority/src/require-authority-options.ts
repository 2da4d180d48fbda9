import { kindOf, type Window } from 'agent-identity-core';
import type { Authenticator } from './authentication/authenticator.js';
import type { AuthorityOptions } from './authority-options.js';
import { authorityError } from './errors.js';
import { requireSeconds } from './require-seconds.js';
import type { AuthorityStore, StoredAgentRuntime } from './store/authority-store.js';

export interface CheckedAuthorityOptions {
  readonly store: AuthorityStore;
  readonly authenticator: Authenticator;
  /** Empty, or with a slash in front and none behind. */
  readonly authapiBasePath: string;
  readonly sealsTaskIdOf: (runtime: StoredAgentRuntime) => boolean;
  readonly jwtLifetimeSeconds: number;
  readonly window: Required<Window>;
}

/**
 * Fills in the defaults and refuses what would only fail at the first request.
 *
 * @throws AgentIdentityError `invalid_argument`
 */
export function requireAuthorityOptions({
  store,
  authenticator,
  authapiBasePath = '',
  sealTaskIds = false,
  jwtLifetimeSeconds = 86_400,
  maxAgeSeconds = 300,
  leewaySeconds = 300,
}: AuthorityOptions): CheckedAuthorityOptions {
  if (typeof store?.addAgentRuntime !== 'function') throw invalid('store', 'an AuthorityStore', store);
  if (typeof authenticator?.authenticate !== 'function') {
    throw invalid('authenticator', 'an Authenticator', authenticator);
  }
  if (typeof authapiBasePath !== 'string' || !/^(\/[\w.~-]+)*\/?$/.test(authapiBasePath)) {
    throw invalid('authapiBasePath', 'a path such as "/api/accounts"', authapiBasePath);
  }
  if (typeof sealTaskIds !== 'boolean' && typeof sealTaskIds !== 'function') {
    throw invalid('sealTaskIds', 'a boolean or a function of the runtime', sealTaskIds);
  }
  requireSeconds(jwtLifetimeSeconds, 'jwtLifetimeSeconds', { min: 1 });
  requireSeconds(maxAgeSeconds, 'maxAgeSeconds', { min: 0 });
  requireSeconds(leewaySeconds, 'leewaySeconds', { min: 0 });
  return {
    store,
    authenticator,
    authapiBasePath: authapiBasePath.replace(/\/$/, ''),
    sealsTaskIdOf: typeof sealTaskIds === 'function' ? sealTaskIds : () => sealTaskIds,
    jwtLifetimeSeconds,
    window: { maxAgeSeconds, leewaySeconds },
  };
}

function invalid(name: string, expected: string, value: unknown): Error {
  return authorityError('invalid_argument', `${name}: expected ${expected}, got ${kindOf(value)}`);
}
