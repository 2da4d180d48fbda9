import { expect, it } from 'vitest';

it('agent-identity-jwt exports these names and no others', async () => {
  expect(Object.keys(await import('agent-identity-jwt')).sort()).toEqual([
    'agentIdentityJwksUrl',
    'agentIdentityJwtAudience',
    'agentIdentityJwtIssuer',
    'decodeUnverifiedAgentIdentityJwt',
    'isAgentIdentityError',
    'localJwks',
    'recordFromClaims',
    'remoteJwks',
    'verifyAgentIdentityJwt',
  ]);
});

it('issuer and audience are those of the protocol', async () => {
  const { agentIdentityJwtAudience, agentIdentityJwtIssuer } = await import('agent-identity-jwt');
  expect(agentIdentityJwtIssuer).toBe('https://chatgpt.com/codex-backend/agent-identity');
  expect(agentIdentityJwtAudience).toBe('codex-app-server');
});
