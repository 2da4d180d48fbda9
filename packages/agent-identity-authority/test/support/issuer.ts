import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SignJWT } from 'jose';
import { onTestFinished } from 'vitest';

/** An OpenID provider on loopback, whose answers a test can change. */
export interface StartedIssuer {
  readonly issuer: string;
  /** The paths that were asked for. */
  readonly asked: readonly string[];
  /** Answers requests from now on, until it is called with nothing. */
  answerWith(answer: ((request: IncomingMessage, response: ServerResponse) => void) | undefined): void;
  /** Changes its signing key, and with it the key set. */
  rotate(kid: string): void;
  /** A token by the current key. */
  token(claims?: Record<string, unknown>, header?: Record<string, unknown>): Promise<string>;
}

export async function startIssuer(now: () => number): Promise<StartedIssuer> {
  let key = newKey('key-1');
  let override: ((request: IncomingMessage, response: ServerResponse) => void) | undefined;
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    if (override) return override(request, response);
    const documents: Record<string, unknown> = {
      '/.well-known/openid-configuration': { issuer, jwks_uri: `${issuer}/keys` },
      '/keys': { keys: [key.jwk] },
    };
    const document = documents[request.url ?? ''];
    response.writeHead(document ? 200 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify(document ?? {}));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    issuer,
    asked,
    answerWith(answer) {
      override = answer;
    },
    rotate(kid) {
      key = newKey(kid);
    },
    token(claims = {}, header = {}) {
      const seconds = Math.floor(now() / 1000);
      return new SignJWT({
        iss: issuer,
        aud: 'agents',
        sub: 'user-1',
        org: 'account-1',
        exp: seconds + 60,
        ...claims,
      })
        .setProtectedHeader({ alg: 'ES256', kid: key.kid, ...header })
        .sign(key.privateKey);
    },
  };
}

function newKey(kid: string) {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { kid, privateKey, jwk: { ...publicKey.export({ format: 'jwk' }), kid, alg: 'ES256', use: 'sig' } };
}
