import { generateKeyPairSync } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { SignJWT } from 'jose';
import { listenOnLoopback } from './listen-on-loopback.js';

/** An OpenID provider on loopback, whose responses a test can change. */
export interface OidcIssuer {
  readonly issuer: string;
  /** The paths of all requests so far. */
  readonly requestedPaths: readonly string[];
  /** Handles all requests from now on; `undefined` restores the default. */
  respondWith(respond: ((request: IncomingMessage, response: ServerResponse) => void) | undefined): void;
  /** Replaces the signing key, and with it the key set. */
  rotate(kid: string): void;
  /** A token signed by the current key. */
  token(claims?: Record<string, unknown>, header?: Record<string, unknown>): Promise<string>;
}

/** Starts a provider that runs until the test is over. */
export async function oidcIssuer(clock: () => number): Promise<OidcIssuer> {
  let key = newKey('key-1');
  let override: ((request: IncomingMessage, response: ServerResponse) => void) | undefined;
  const requestedPaths: string[] = [];
  const issuer = await listenOnLoopback((request, response) => {
    requestedPaths.push(request.url ?? '');
    if (override) return override(request, response);
    const documents: Record<string, unknown> = {
      '/.well-known/openid-configuration': { issuer, jwks_uri: `${issuer}/keys` },
      '/keys': { keys: [key.jwk] },
    };
    const document = documents[request.url ?? ''];
    response.writeHead(document ? 200 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify(document ?? {}));
  });
  return {
    issuer,
    requestedPaths,
    respondWith(respond) {
      override = respond;
    },
    rotate(kid) {
      key = newKey(kid);
    },
    token(claims = {}, header = {}) {
      const exp = Math.floor(clock() / 1000) + 60;
      return new SignJWT({ iss: issuer, aud: 'agents', sub: 'user-1', org: 'account-1', exp, ...claims })
        .setProtectedHeader({ alg: 'ES256', kid: key.kid, ...header })
        .sign(key.privateKey);
    },
  };
}

function newKey(kid: string) {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { kid, privateKey, jwk: { ...publicKey.export({ format: 'jwk' }), kid, alg: 'ES256', use: 'sig' } };
}
