import { createSign, generateKeyPairSync } from 'node:crypto';
import type { AgentIdentityRecord } from 'agent-identity-core/wire';
import { now } from './first-party.js';
import { type LoopbackServer, loopbackServer } from './loopback-server.js';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });

export interface Issuer {
  /** Serves the key set at `{jwtBaseUrl}/agent-identities/jwks`. */
  readonly server: LoopbackServer;
  readonly jwtBaseUrl: string;
  /** An Agent Identity JWT for the record, with other claims if wanted. */
  issue(record: AgentIdentityRecord, claims?: object): string;
}

export async function issuer(): Promise<Issuer> {
  const server = await loopbackServer(() => ({
    body: { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'key-1', alg: 'RS256', use: 'sig' }] },
  }));
  return { server, jwtBaseUrl: `${server.origin}/chatgpt`, issue };
}

function issue(record: AgentIdentityRecord, claims: object = {}): string {
  const seconds = now / 1000;
  const { task_id: _, ...identity } = record;
  const payload = {
    iss: 'https://chatgpt.com/codex-backend/agent-identity',
    aud: 'codex-app-server',
    iat: seconds,
    exp: seconds + 3600,
    ...identity,
    ...claims,
  };
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part({ alg: 'RS256', kid: 'key-1', typ: 'JWT' })}.${part(payload)}`;
  const signature = createSign('RSA-SHA256').update(signed).sign(privateKey).toString('base64url');
  return `${signed}.${signature}`;
}
