export { isAgentIdentityError } from 'agent-identity-core';
export type { AgentIdentityClaims, AgentIdentityRecord } from 'agent-identity-core/wire';
export type { JwtErrorCode } from './errors.js';
export type { JwksSource } from './jwks/jwks-source.js';
export { agentIdentityJwksUrl } from './jwks/jwks-url.js';
export { localJwks } from './jwks/local-jwks.js';
export { type RemoteJwksEffects, remoteJwks } from './jwks/remote-jwks.js';
export type { RemoteJwksOptions } from './jwks/remote-jwks-options.js';
export { decodeUnverifiedAgentIdentityJwt } from './jwt/decode-unverified-agent-identity-jwt.js';
export { recordFromClaims } from './jwt/record-from-claims.js';
export { agentIdentityJwtAudience, agentIdentityJwtIssuer } from './jwt/require-intended.js';
export type {
  AgentIdentityJwtEffects,
  AgentIdentityJwtVerification,
} from './jwt/verify-agent-identity-jwt.js';
export { verifyAgentIdentityJwt } from './jwt/verify-agent-identity-jwt.js';
