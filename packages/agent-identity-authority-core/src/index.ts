export { isAgentIdentityError } from 'agent-identity-core';
export type { Administration } from './administration.js';
export type {
  AuditAction,
  AuditEntry,
  AuditEntryDraft,
  ChangeOrigin,
} from './audit/audit-entry.js';
export type {
  AuditLogPosition,
  AuditLogQuery,
  AuditStore,
  SequencedEntries,
  SignAuditLog,
  StoredAuditLogKey,
  StoredCheckpoint,
} from './audit/audit-store.js';
export type { AuditLogProblem, AuditLogReport, VerifyAuditLogOptions } from './audit/verify-audit-log.js';
export { verifyAuditLog } from './audit/verify-audit-log.js';
export type { Administrator, AdministratorRole } from './authentication/administrator.js';
export { administratorRoles } from './authentication/administrator.js';
export type { AdministratorFromClaimsOptions } from './authentication/administrator-from-claims.js';
export { administratorFromClaims } from './authentication/administrator-from-claims.js';
export type { AdministratorToken } from './authentication/administrator-tokens.js';
export { administratorTokens } from './authentication/administrator-tokens.js';
export type { AgentAccount } from './authentication/agent-account.js';
export type { Authenticator, Principal } from './authentication/authenticator.js';
export type { ClaimCondition } from './authentication/federation/conditions.js';
export type { FederationDecision, RuleOutcome } from './authentication/federation/decide.js';
export type { DescriptionRule } from './authentication/federation/description.js';
export type {
  Federation,
  FederationEffects,
  FederationOptions,
} from './authentication/federation/federation.js';
export { federation } from './authentication/federation/federation.js';
export type { FederationRule } from './authentication/federation/federation-rule.js';
export type { OidcTokensEffects, OidcTokensOptions } from './authentication/oidc-tokens.js';
export { oidcTokens } from './authentication/oidc-tokens.js';
export type { PrincipalToken } from './authentication/principal-tokens.js';
export { principalTokens } from './authentication/principal-tokens.js';
export type { StaticToken } from './authentication/static-tokens.js';
export { staticTokens } from './authentication/static-tokens.js';
export type {
  AccountFromClaimsOptions,
  ClaimOrValue,
  ClaimPath,
  PrincipalFromClaimsOptions,
  TokenClaims,
} from './authentication/token-claims.js';
export { accountFromClaims, principalFromClaims } from './authentication/token-claims.js';
export type { AccessTokenRefusal } from './authentication/verify-oidc-token.js';
export type { Authority, AuthorityEffects } from './create-authority.js';
export { createAuthority } from './create-authority.js';
export type { CreateAuthorityOptions } from './create-authority-options.js';
export type { ForwardAuthSettings } from './directory/forward-auth-route.js';
export type {
  CreatedEnrollmentToken,
  CreateEnrollmentTokenOptions,
  EnrollmentAdministration,
} from './enrollment/enrollment.js';
export type {
  EnrollmentStore,
  EnrollmentTokenQuery,
  EnrollmentTokenStatus,
  StoredEnrollmentToken,
} from './enrollment/enrollment-store.js';
export type { AuthorityErrorCode } from './errors.js';
export type { ClientAddressOf } from './http/access.js';
export type { RequestLogEntry } from './http/authority-app.js';
export { rateLimitKey } from './http/rate-limit-key.js';
export type { RateLimit } from './http/rate-limiter.js';
export type { CreateSharedRateLimiter, RateLimits, SharedRateLimiter } from './http/rate-limits.js';
export type {
  ActorAuthenticator,
  ActorAuthenticators,
  ActorSelection,
} from './instances/actor-authenticator.js';
export type { InstanceAdministration } from './instances/administer-instances.js';
export type { CredentialDigest } from './instances/credential-digests.js';
export { credentialDigests } from './instances/credential-digests.js';
export type {
  CredentialIntrospectionEffects,
  CredentialIntrospectionOptions,
} from './instances/credential-introspection.js';
export { credentialIntrospection } from './instances/credential-introspection.js';
export type {
  RuntimeAgentInstanceChange,
  RuntimeAgentInstanceQuery,
  RuntimeAgentInstanceSelector,
  RuntimeAgentInstanceStore,
  StoredRuntimeAgentInstance,
} from './instances/instance-store.js';
export type { EpochMilliseconds } from './instant.js';
export type { AuditDetails, LoggedAuditEntry } from './log/audit-entry-encoding.js';
export type { AgentDescription, AgentLabels } from './runtimes/agent-description.js';
export type { IssueAgentIdentityJwtOptions } from './runtimes/issue-agent-identity-jwt.js';
export type { IssuedAgentIdentityJwt } from './runtimes/issued-agent-identity-jwt.js';
export type { AgentRuntimeSelector } from './runtimes/runtime-selector.js';
export type {
  AgentKeyChange,
  AgentRuntimeQuery,
  RuntimeStatus,
  RuntimeStore,
  StoredAgentRuntime,
} from './runtimes/runtime-store.js';
export type { JwtSigner, JwtSigners, JwtSigningKey } from './signing-keys/jwt-signer.js';
export type { SigningKeyStore, StoredSigningKey } from './signing-keys/signing-key-store.js';
export type {
  GenerateSigningKey,
  PublicJwks,
  PublicSigningJwk,
  RotateSigningKeyOptions,
} from './signing-keys/signing-keys.js';
export type { AuthorityStore } from './store/authority-store.js';
export type { EndedRowsQuery, RemovedRows, RowCounts } from './store/ended-rows.js';
export { memoryStore } from './store/memory-store.js';
export type { Page, PageRequest } from './store/pagination.js';
export type { StoreChange, StoreChangeListener } from './store/store-changes.js';
export type { StoredAgentTask, TaskStore } from './tasks/task-store.js';
export type { OnFailure } from './to-unavailable.js';
