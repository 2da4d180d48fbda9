import { type AgentKey, generateAgentKey } from 'agent-identity-core';
import {
  agentIdentityJwtAudience as audience,
  agentIdentityJwtIssuer as issuer,
  localJwks,
  verifyAgentIdentityJwt,
} from 'agent-identity-jwt';
import { createLocalJWKSet, exportJWK, generateKeyPair, jwtVerify, SignJWT } from 'jose';
import type { Operation } from './measure.js';

/** Operations that verify one Agent Identity JWT with the same key set. */
export async function jwtVerifications(): Promise<Readonly<Record<string, Operation>>> {
  const { publicKey, privateKey } = await generateKeyPair('RS256');
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'key-1', alg: 'RS256', use: 'sig' }] };
  const sign = (agentPrivateKey: string) =>
    new SignJWT({
      agent_runtime_id: 'agent-1f0c2a3b-6a51-4f1e-9a2d-5f3f0a7c9e11',
      agent_private_key: agentPrivateKey,
      account_id: 'account-1',
      chatgpt_user_id: 'user-1',
      email: 'agent@example.test',
      plan_type: 'business',
      chatgpt_account_is_fedramp: false,
    })
      .setProtectedHeader({ alg: 'RS256', kid: 'key-1' })
      .setIssuer(issuer)
      .setAudience(audience)
      .setIssuedAt()
      .setExpirationTime('1h')
      .sign(privateKey);
  const agentKey = generateAgentKey();
  const jwt = await sign(agentKey.toPkcs8Base64());
  const jwtOfVersion2 = await sign(pkcs8Version2Base64(agentKey));
  const bareJwks = createLocalJWKSet(jwks);
  const source = localJwks(jwks);
  return {
    'jose jwtVerify': () => jwtVerify(jwt, bareJwks, { issuer, audience, algorithms: ['RS256'] }),
    'agent-identity-jwt': () => verifyAgentIdentityJwt(jwt, { jwks: source }),
    'agent-identity-jwt, PKCS#8 version 2 key': () => verifyAgentIdentityJwt(jwtOfVersion2, { jwks: source }),
  };
}

/** Encodes PKCS#8 version 2. Its public half must be derived and compared, which costs 50 µs in any implementation. */
function pkcs8Version2Base64(agentKey: AgentKey): string {
  const seed = Buffer.from(agentKey.toPkcs8Base64(), 'base64').subarray(-32);
  const header = Buffer.from('3051020101300506032b657004220420', 'hex');
  const publicHeader = Buffer.from('812100', 'hex');
  return Buffer.concat([header, seed, publicHeader, agentKey.publicKey.bytes]).toString('base64');
}
