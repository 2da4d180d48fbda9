import { createPublicKey, generateKeyPairSync, type JsonWebKey, type KeyObject, sign } from 'node:crypto';
import { type LoopbackServer, loopbackServer } from './loopback-server.js';

/** An RSA key that signs JWTs, and its entry in a JWKS. */
export interface SigningKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly jwk: Readonly<JsonWebKey>;
}

export function rsaKey(kid = 'key-1', modulusLength = 2048, publicExponent = 65_537): SigningKey {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength, publicExponent });
  const jwk = { ...createPublicKey(privateKey).export({ format: 'jwk' }), kid, use: 'sig', alg: 'RS256' };
  return { kid, privateKey, jwk };
}

/** Signs any payload and any header with RS256; a part given as a string is used as it is, unencoded. */
export function signJwt(
  { privateKey, kid }: SigningKey,
  payload: unknown,
  header: unknown = { alg: 'RS256', kid, typ: 'JWT' },
): string {
  const signed = `${encodePart(header)}.${encodePart(payload)}`;
  return `${signed}.${sign('sha256', Buffer.from(signed), privateKey).toString('base64url')}`;
}

/** A JWT with `alg: none` and a signature that verifies nowhere, for code that only decodes. */
export function unsignedJwt(payload: unknown): string {
  return `${encodeJson({ alg: 'none', typ: 'JWT' })}.${encodeJson(payload)}.c2ln`;
}

/** The base64url of the JSON. */
export function encodeJson(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function encodePart(part: unknown): string {
  return typeof part === 'string' ? part : encodeJson(part);
}

/** Issues Agent Identity JWTs and serves its key set. */
export interface JwtIssuer {
  /** Answers every path with the key set. */
  readonly server: LoopbackServer;
  readonly key: SigningKey;
  /** A JWT for the members of a record (all but `task_id`), valid for an hour, with other claims if given. */
  issue(record: object, claims?: object): string;
}

/** Starts an issuer on loopback until the test is over. Its clock is in milliseconds. */
export async function jwtIssuer(clock: () => number, key: SigningKey = rsaKey()): Promise<JwtIssuer> {
  const server = await loopbackServer(() => ({ body: { keys: [key.jwk] } }));
  return {
    server,
    key,
    issue(record, claims = {}) {
      const iat = Math.floor(clock() / 1000);
      const { task_id: _, ...identity } = record as { task_id?: unknown };
      return signJwt(key, { ...fixedClaims, iat, exp: iat + 3600, ...identity, ...claims });
    },
  };
}

/** docs/protocol.md: the issuer and the audience of every Agent Identity JWT. */
const fixedClaims = {
  iss: 'https://chatgpt.com/codex-backend/agent-identity',
  aud: 'codex-app-server',
};
