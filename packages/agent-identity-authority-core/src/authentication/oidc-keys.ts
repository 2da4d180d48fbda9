import type { Clock } from 'agent-identity-core';
import {
  createSingleFlight,
  readBoundedText,
  requireSecureUrl,
  type SecureUrlOptions,
  withDeadline,
  withoutTrailingSlashes,
} from 'agent-identity-core/http';
import { createLocalJWKSet, type JSONWebKeySet } from 'jose';
import * as z from 'zod';

const maxBytes = 262_144;
/** How long a key set is used before it is fetched again. */
const lifetimeSeconds = 600;
/** The shortest time between two requests for a key that the last set does not have. */
const cooldownSeconds = 10;
/** After a failure, callers get the same failure for this time, so that an outage does not cause a request per token. */
const failurePauseSeconds = 1;

/** Options for the keys of an OpenID provider. */
export interface OidcKeysOptions extends SecureUrlOptions {
  readonly issuer: string;
  readonly jwksUrl?: string | undefined;
  readonly timeoutSeconds: number;
}

/** Dependencies of the keys of an OpenID provider. */
export interface OidcKeysEffects {
  readonly fetch: typeof globalThis.fetch;
  readonly monotonicClock: Clock;
}

/** A key set as it was fetched at one time. */
export type OidcKeySet = ReturnType<typeof createLocalJWKSet>;

/** The signing keys of an OpenID provider. */
export interface OidcKeys {
  /** The cached key set, or a new one after ten minutes. Rejects if the provider does not answer. */
  current(): Promise<OidcKeySet>;
  /** A key set that is newer than this one, or `undefined` if the next request is not allowed yet. */
  newerThan(keySet: OidcKeySet): Promise<OidcKeySet | undefined>;
}

/**
 * Fetches the signing keys of a provider when they are needed, from a given or a discovered URL. There is one request at a
 * time. Responses over 256 KiB and redirects are failures. Ages are measured with the monotonic clock.
 *
 * @throws AgentIdentityError `insecure_url`
 */
export function createOidcKeys(options: OidcKeysOptions, effects: OidcKeysEffects): OidcKeys {
  const fetchKeySet = createKeySetFetch(options, effects.fetch);
  const flights = createSingleFlight<OidcKeySet>({ whenAbandoned: 'finish' });
  let cached: { readonly keySet: OidcKeySet; readonly fetchedAt: number } | undefined;
  let failure: { readonly error: unknown; readonly at: number } | undefined;
  let lastFetchForKey = Number.NEGATIVE_INFINITY;
  const secondsSince = (then: number) => (effects.monotonicClock() - then) / 1000;

  async function replace(): Promise<OidcKeySet> {
    try {
      const keySet = await fetchKeySet();
      cached = { keySet, fetchedAt: effects.monotonicClock() };
      failure = undefined;
      return keySet;
    } catch (error) {
      failure = { error, at: effects.monotonicClock() };
      throw error;
    }
  }

  async function refresh(): Promise<OidcKeySet> {
    if (failure !== undefined && secondsSince(failure.at) < failurePauseSeconds) throw failure.error;
    return flights.join('', replace);
  }

  return {
    async current() {
      if (cached !== undefined && secondsSince(cached.fetchedAt) < lifetimeSeconds) return cached.keySet;
      return refresh();
    },
    async newerThan(keySet) {
      if (cached !== undefined && cached.keySet !== keySet) return cached.keySet;
      if (flights.isInProgress('')) return refresh();
      if (secondsSince(lastFetchForKey) < cooldownSeconds) return undefined;
      lastFetchForKey = effects.monotonicClock();
      return refresh();
    },
  };
}

/** Returns a function that fetches the key set, and before the first time its URL unless it is given. */
function createKeySetFetch(
  options: OidcKeysOptions,
  fetch: typeof globalThis.fetch,
): () => Promise<OidcKeySet> {
  const { issuer, timeoutSeconds } = options;
  const toKeysUrl = (url: string) => requireSecureUrl(url, 'JWKS URL', options);
  let keysUrl = options.jwksUrl === undefined ? undefined : toKeysUrl(options.jwksUrl);
  const configurationUrl = requireSecureUrl(issuer, 'issuer', options);
  configurationUrl.pathname = `${withoutTrailingSlashes(configurationUrl.pathname)}/.well-known/openid-configuration`;

  const fetchJson = (what: string, url: URL): Promise<unknown> =>
    withDeadline({ timeoutSeconds }, async (signal) => {
      const headers = { accept: 'application/json' };
      const response = await fetch(url, { headers, redirect: 'manual', signal });
      const text = await readBoundedText(response, maxBytes);
      if (response.status === 200) return JSON.parse(text);
      throw new Error(`${what}: expected status 200, got ${response.status}`);
    });

  async function discoverKeysUrl(): Promise<URL> {
    const configuration = configurationSchema.parse(await fetchJson('OpenID discovery', configurationUrl));
    if (withoutTrailingSlashes(configuration.issuer) !== withoutTrailingSlashes(issuer)) {
      throw new Error('OpenID discovery: the configuration belongs to another issuer');
    }
    return toKeysUrl(configuration.jwks_uri);
  }

  return async () => {
    keysUrl ??= await discoverKeysUrl();
    return createLocalJWKSet((await fetchJson('JWKS', keysUrl)) as JSONWebKeySet);
  };
}

/** OpenID Connect Discovery 1.0 section 3. */
const configurationSchema = z.object({ issuer: z.string(), jwks_uri: z.string() });
