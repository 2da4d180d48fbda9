export { isAgentIdentityError } from 'agent-identity-core';
export type { Administration } from './administration.js';
export type {
  AuditCheckpoint,
  AuditDetails,
  AuditEntry,
  AuditEntryDraft,
  ChangeOrigin,
} from './audit/audit-entry.js';
export { auditEntryHash } from './audit/audit-entry-hash.js';
export type { AuditLogProblem, AuditLogReport } from './audit/audit-log-report.js';
export type { AgentAccount } from './authentication/agent-account.js';
export type { Authenticator, Principal } from './authentication/authenticator.js';
export type { OidcTokensEffects, OidcTokensOptions } from './authentication/oidc-tokens.js';
export { oidcTokens } from './authentication/oidc-tokens.js';
export type { PrincipalToken } from './authentication/principal-tokens.js';
export { principalTokens } from './authentication/principal-tokens.js';
export type { StaticToken } from './authentication/static-tokens.js';
export { staticTokens } from './authentication/static-tokens.js';
export type {
  AccountClaims,
  ClaimPath,
  PrincipalClaims,
  TokenClaims,
} from './authentication/token-claims.js';
export { accountFromClaims, principalFromClaims } from './authentication/token-claims.js';
export type { Authority } from './authority.js';
export { createAuthority } from './authority.js';
export type { AuthorityEffects, AuthorityOptions } from './authority-options.js';
export type { EpochMilliseconds } from './epoch.js';
export type { AuthorityErrorCode } from './errors.js';
export type { OnFailure } from './guarded.js';
export type { ClientAddressOf } from './http/access.js';
export type { AnsweredRequest } from './http/answered-request.js';
export type { RateLimit } from './http/rate-limiter.js';
export type { RateLimits } from './http/rate-limits.js';
export type { AgentIdentityGrant } from './issue-agent-identity-jwt.js';
export type { IssuedAgentIdentityJwt } from './issued-agent-identity-jwt.js';
export type { GenerateSigningKey, PublicJwks, PublicSigningJwk, SigningKeyRotation } from './signing-keys.js';
export type {
  AgentRuntimeQuery,
  AuditLogQuery,
  AuthorityStore,
  StoredAgentRuntime,
  StoredAgentTask,
  StoredSigningKey,
} from './store/authority-store.js';
export type { StoreCopy } from './store/copy-store.js';
export { copyStore } from './store/copy-store.js';
export { memoryStore } from './store/memory/memory-store.js';
export { openStore } from './store/open-store.js';
export type { Page, PageRequest } from './store/page.js';
export type { StoreChange, StoreChangeListener } from './store/store-change.js';
export type { StoreEffects, StoreOptions } from './store/store-options.js';
