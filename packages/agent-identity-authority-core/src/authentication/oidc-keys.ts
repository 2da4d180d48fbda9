import {
  readBoundedText,
  requireSecureUrl,
  type SecureUrlOptions,
  withDeadline,
  withoutTrailingSlashes,
} from 'agent-identity-core/http';
import { createRemoteJWKSet, customFetch, type JWTVerifyGetKey } from 'jose';
import * as z from 'zod';

const maxBytes = 262_144;

/** Options for the keys of an OpenID provider. */
export interface OidcKeysOptions extends SecureUrlOptions {
  readonly issuer: string;
  readonly jwksUrl?: string | undefined;
  readonly timeoutSeconds: number;
}

/**
 * Finds the signing keys of a provider, at a given or a discovered URL. It fetches them when they are first needed.
 * Responses over 256 KiB and redirects are failures. The next call repeats a failed discovery.
 *
 * @throws AgentIdentityError `insecure_url`
 */
export function createOidcKeyFinder(
  options: OidcKeysOptions,
  fetch: typeof globalThis.fetch,
): JWTVerifyGetKey {
  const { issuer, jwksUrl, timeoutSeconds } = options;
  const boundedFetch = async (url: string | URL, init: RequestInit): Promise<Response> => {
    const response = await fetch(url, { ...init, redirect: 'manual' });
    return new Response(await readBoundedText(response, maxBytes), { status: response.status });
  };
  const keysAt = (url: string) =>
    createRemoteJWKSet(requireSecureUrl(url, 'JWKS URL', options), {
      timeoutDuration: timeoutSeconds * 1000,
      [customFetch]: boundedFetch,
    });
  let keys: Promise<JWTVerifyGetKey> | undefined;
  if (jwksUrl !== undefined) keys = Promise.resolve(keysAt(jwksUrl));
  const configurationUrl = requireSecureUrl(issuer, 'issuer', options);
  configurationUrl.pathname = `${withoutTrailingSlashes(configurationUrl.pathname)}/.well-known/openid-configuration`;

  return async (header, token) => (await (keys ?? startDiscovery()))(header, token);

  function startDiscovery(): Promise<JWTVerifyGetKey> {
    const discovery = discoverJwksUrl().then(keysAt);
    keys = discovery;
    discovery.catch(() => {
      keys = undefined;
    });
    return discovery;
  }

  async function discoverJwksUrl(): Promise<string> {
    const response = await withDeadline({ timeoutSeconds }, (signal) =>
      boundedFetch(configurationUrl, { signal }),
    );
    if (response.status !== 200) {
      throw new Error(`OpenID discovery: expected status 200, got ${response.status}`);
    }
    const configuration = configurationSchema.parse(await response.json());
    if (configuration.issuer !== issuer) {
      throw new Error('OpenID discovery: the configuration belongs to another issuer');
    }
    return configuration.jwks_uri;
  }
}

/** OpenID Connect Discovery 1.0 section 3. */
const configurationSchema = z.object({ issuer: z.string(), jwks_uri: z.string() });
