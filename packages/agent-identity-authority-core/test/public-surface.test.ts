import { expect, it } from 'vitest';

it('agent-identity-authority-core exports these names and no others', async () => {
  expect(Object.keys(await import('agent-identity-authority-core')).sort()).toEqual([
    'accountFromClaims',
    'createAuthority',
    'credentialDigests',
    'credentialIntrospection',
    'federation',
    'isAgentIdentityError',
    'memoryStore',
    'oidcTokens',
    'principalFromClaims',
    'principalTokens',
    'rateLimitKey',
    'staticTokens',
    'verifyAuditLog',
  ]);
});

it('agent-identity-authority-core/store exports these names and no others', async () => {
  expect(Object.keys(await import('agent-identity-authority-core/store')).sort()).toEqual([
    'auditCursorSchema',
    'auditedChange',
    'createStoreChanges',
    'emptyLogEdge',
    'encodeStoredEntry',
    'formatVerifierKey',
    'instanceStatus',
    'isStorableText',
    'readEndedRowsQuery',
    'readLogEdge',
    'readPageRequest',
    'requireAgentRuntimeQuery',
    'requireAuditLogQuery',
    'requireInstanceQuery',
    'requireInstanceSelector',
    'requirePrunable',
    'requireStorableInstance',
    'requireStorableRuntime',
    'requireStorableSigningKey',
    'requireStorableTask',
    'requireStorableText',
    'rowCursorSchema',
    'sequenceRows',
    'signCheckpoint',
    'storeLogReader',
    'toAuditEntry',
    'toCursor',
    'toPage',
    'toPendingAuditRow',
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
    'pruneAuditLogRequestSchema',
    'pruneAuditLogResponseSchema',
    'rotateSigningKeyRequestSchema',
    'rotateSigningKeyResponseSchema',
    'toAdminInstance',
    'toInstanceSelector',
    'toIssueOptions',
    'toIssueResponse',
    'toRotateOptions',
    'toWireAuditEntry',
    'toWireAuditLogReport',
    'verifyAuditLogRequestSchema',
    'verifyAuditLogResponseSchema',
  ]);
});

it('agent-identity-authority-core/log exports these names and no others', async () => {
  expect(Object.keys(await import('agent-identity-authority-core/log')).sort()).toEqual([
    'auditLeafHash',
    'decodeAuditEntry',
    'decodeEntryBundle',
    'encodeAuditEntry',
    'encodeEntryBundle',
    'logTilePath',
    'parseUnverifiedCheckpoint',
    'proveConsistency',
    'proveInclusion',
    'verifyCheckpoint',
    'verifyConsistency',
    'verifyInclusion',
    'verifyLog',
  ]);
});
