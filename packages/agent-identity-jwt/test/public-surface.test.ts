import { expect, it } from 'vitest';

it('has exactly the public surface that its README tells', async () => {
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

it('says issuer and audience as the protocol has them', async () => {
  const { agentIdentityJwtAudience, agentIdentityJwtIssuer } = await import('agent-identity-jwt');
  expect(agentIdentityJwtIssuer).toBe('https://chatgpt.com/codex-backend/agent-identity');
  expect(agentIdentityJwtAudience).toBe('codex-app-server');
});
