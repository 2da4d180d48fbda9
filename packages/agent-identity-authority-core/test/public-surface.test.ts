import { expect, it } from 'vitest';

it('agent-identity-authority-core exports these names and no others', async () => {
  expect(Object.keys(await import('agent-identity-authority-core')).sort()).toEqual([
    'accountFromClaims',
    'auditEntryHash',
    'createAuthority',
    'credentialDigests',
    'credentialIntrospection',
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
    'instanceStatus',
    'isStorableText',
    'nextAuditRow',
    'readPageRequest',
    'requireAgentRuntimeQuery',
    'requireAuditLogQuery',
    'requireInstanceQuery',
    'requireInstanceSelector',
    'requireStorableInstance',
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
    'adminInstancePageSchema',
    'adminInstanceQuerySchema',
    'adminInstanceSchema',
    'adminSigningKeysSchema',
    'adminTaskPageSchema',
    'adminTaskQuerySchema',
    'adminTaskSchema',
    'auditLogPageSchema',
    'auditLogQuerySchema',
    'changedInstancesSchema',
    'instanceSelectorSchema',
    'issueAgentIdentityRequestSchema',
    'issueAgentIdentityResponseSchema',
    'rotateSigningKeyRequestSchema',
    'rotateSigningKeyResponseSchema',
    'toAdminInstance',
    'toInstanceSelector',
    'toIssueOptions',
    'toIssueResponse',
    'toRotateOptions',
    'toWireAuditLogReport',
    'verifyAuditLogRequestSchema',
    'verifyAuditLogResponseSchema',
  ]);
});
