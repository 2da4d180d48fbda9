import { expect, it } from 'vitest';

it('agent-identity-verifier exports these names and no others', async () => {
  expect(Object.keys(await import('agent-identity-verifier')).sort()).toEqual([
    'createAssertionVerifier',
    'isAgentIdentityError',
    'memoryDirectory',
    'verificationFailureResponse',
  ]);
});
