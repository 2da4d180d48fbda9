import { readBoundedText, requireSecureUrl, type SecureUrlOptions } from 'agent-identity-core/http';
import { createRemoteJWKSet, customFetch, type JWTVerifyGetKey } from 'jose';
import * as z from 'zod';

const maxBytes = 262_144;

/** Where an issuer's keys are, and how long a request for them may take. */
export interface OidcKeysOptions extends SecureUrlOptions {
  readonly issuer: string;
  readonly jwksUrl?: string | undefined;
  readonly timeoutSeconds: number;
}

/**
 * The signing keys of an issuer, from a given URL or a discovered one, fetched when first needed. Answers of over 256
 * KiB and redirects are failures. A discovery that failed is tried again by the next call.
 *
 * @throws AgentIdentityError `insecure_url`
 */
export function oidcKeys(options: OidcKeysOptions, fetch: typeof globalThis.fetch): JWTVerifyGetKey {
  const { issuer, jwksUrl, timeoutSeconds } = options;
  const boundedFetch = async (url: string | URL, init: RequestInit): Promise<Response> => {
    const answer = await fetch(url, { ...init, redirect: 'manual' });
    return new Response(await readBoundedText(answer, maxBytes), { status: answer.status });
  };
  const keysAt = (url: string) =>
    createRemoteJWKSet(requireSecureUrl(url, 'JWKS URL', options), {
      timeoutDuration: timeoutSeconds * 1000,
      [customFetch]: boundedFetch,
    });
  let keys: Promise<JWTVerifyGetKey> | undefined;
  if (jwksUrl !== undefined) keys = Promise.resolve(keysAt(jwksUrl));
  const configurationUrl = requireSecureUrl(issuer, 'issuer', options);
  configurationUrl.pathname = `${configurationUrl.pathname.replace(/\/$/, '')}/.well-known/openid-configuration`;

  return async (header, token) => (await (keys ?? discover()))(header, token);

  function discover(): Promise<JWTVerifyGetKey> {
    const discovering = discovered().then(keysAt);
    keys = discovering;
    discovering.catch(() => {
      keys = undefined;
    });
    return discovering;
  }

  async function discovered(): Promise<string> {
    const answer = await boundedFetch(configurationUrl, {
      signal: AbortSignal.timeout(timeoutSeconds * 1000),
    });
    if (answer.status !== 200) throw new Error(`OpenID discovery: expected status 200, got ${answer.status}`);
    const configuration = configurationSchema.parse(await answer.json());
    if (configuration.issuer !== issuer)
      throw new Error('OpenID discovery: the document is another issuer’s');
    return configuration.jwks_uri;
  }
}

/** OpenID Connect Discovery 1.0 section 3. */
const configurationSchema = z.object({ issuer: z.string(), jwks_uri: z.string() });
