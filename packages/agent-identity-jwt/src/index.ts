export { isAgentIdentityError } from 'agent-identity-core';
export type { AgentIdentityClaims, AgentIdentityRecord } from 'agent-identity-core/wire';
export type { JwtErrorCode } from './errors.js';
export { agentIdentityJwksUrl } from './jwks/agent-identity-jwks-url.js';
export type { JwksSource } from './jwks/jwks-source.js';
export { localJwks } from './jwks/local-jwks.js';
export type { RemoteJwksEffects, RemoteJwksOptions } from './jwks/remote-jwks.js';
export { remoteJwks } from './jwks/remote-jwks.js';
export { agentIdentityJwtAudience, agentIdentityJwtIssuer } from './jwt/check-claims.js';
export { decodeUnverifiedAgentIdentityJwt } from './jwt/decode-unverified-agent-identity-jwt.js';
export { recordFromClaims } from './jwt/record-from-claims.js';
export type {
  VerifyAgentIdentityJwtEffects,
  VerifyAgentIdentityJwtOptions,
} from './jwt/verify-agent-identity-jwt.js';
export { verifyAgentIdentityJwt } from './jwt/verify-agent-identity-jwt.js';
