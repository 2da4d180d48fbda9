export { isAgentIdentityError } from 'agent-identity-core';
export type { AgentAccount } from './agent-account.js';
export type { Authenticator } from './authenticator.js';
export type { Authority } from './authority.js';
export { createAuthority } from './authority.js';
export type { AuthorityEffects, AuthorityOptions } from './authority-options.js';
export type { EpochMilliseconds } from './epoch.js';
export type { AuthorityErrorCode } from './errors.js';
export type { OnFailure } from './guarded.js';
export type { AgentIdentityGrant } from './issue-agent-identity-jwt.js';
export type { IssuedAgentIdentityJwt } from './issued-agent-identity-jwt.js';
export type { GenerateSigningKey, PublicJwks, PublicSigningJwk, SigningKeyRotation } from './signing-keys.js';
export type { StaticToken } from './static-tokens.js';
export { staticTokens } from './static-tokens.js';
export type {
  AuthorityStore,
  StoredAgentRuntime,
  StoredAgentTask,
  StoredSigningKey,
} from './store/authority-store.js';
export { memoryStore } from './store/memory-store.js';
export { openStore } from './store/open-store.js';
