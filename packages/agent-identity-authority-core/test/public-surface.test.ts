import { expect, it } from 'vitest';

it('agent-identity-authority-core exports these names and no others', async () => {
  expect(Object.keys(await import('agent-identity-authority-core')).sort()).toEqual([
    'accountFromClaims',
    'auditEntryHash',
    'createAuthority',
    'isAgentIdentityError',
    'memoryStore',
    'oidcTokens',
    'principalFromClaims',
    'principalTokens',
    'rateLimitKey',
    'staticTokens',
  ]);
});

it('agent-identity-authority-core/store exports these names and no others', async () => {
  expect(Object.keys(await import('agent-identity-authority-core/store')).sort()).toEqual([
    'auditCursorSchema',
    'auditedChange',
    'createStoreChanges',
    'genesisHash',
    'isStorableText',
    'nextAuditRow',
    'readPageRequest',
    'requireAgentRuntimeQuery',
    'requireAuditLogQuery',
    'requireStorableRuntime',
    'requireStorableSigningKey',
    'requireStorableTask',
    'requireStorableText',
    'rowCursorSchema',
    'toAuditEntry',
    'toPage',
    'verifyAuditRows',
  ]);
});

it('agent-identity-authority-core/admin-wire exports these names and no others', async () => {
  expect(Object.keys(await import('agent-identity-authority-core/admin-wire')).sort()).toEqual([
    'adminAgentPageSchema',
    'adminAgentQuerySchema',
    'adminAgentSchema',
    'adminSigningKeysSchema',
    'adminTaskPageSchema',
    'adminTaskQuerySchema',
    'adminTaskSchema',
    'auditLogPageSchema',
    'auditLogQuerySchema',
    'issueAgentIdentityRequestSchema',
    'issueAgentIdentityResponseSchema',
    'rotateSigningKeyRequestSchema',
    'rotateSigningKeyResponseSchema',
    'toIssueOptions',
    'toIssueResponse',
    'toRotateOptions',
    'toWireAuditLogReport',
    'verifyAuditLogRequestSchema',
    'verifyAuditLogResponseSchema',
  ]);
});
