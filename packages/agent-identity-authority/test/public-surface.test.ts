import { expect, it } from 'vitest';

it('agent-identity-authority exports these names and no others', async () => {
  expect(Object.keys(await import('agent-identity-authority')).sort()).toEqual([
    'accountFromClaims',
    'administratorFromClaims',
    'administratorRoles',
    'administratorTokens',
    'copyStore',
    'createAuthority',
    'credentialDigests',
    'credentialIntrospection',
    'federation',
    'inspectStore',
    'isAgentIdentityError',
    'memoryStore',
    'oidcTokens',
    'openStore',
    'principalFromClaims',
    'principalTokens',
    'rateLimitKey',
    'staticTokens',
    'verifyAuditLog',
  ]);
});
