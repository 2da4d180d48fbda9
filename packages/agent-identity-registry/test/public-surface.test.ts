import { expect, it } from 'vitest';

it('the package exports exactly these names', async () => {
  expect(Object.keys(await import('agent-identity-registry')).sort()).toEqual([
    'RegistrationError',
    'agentRegistrationUrl',
    'createAgentIdentityAuth',
    'createAgentIdentityRecord',
    'isAgentIdentityError',
    'isRegistrationError',
    'readAgentIdentity',
    'registerAgentRuntime',
    'registerRunTask',
    'resolveAuthapiBaseUrl',
    'startAgentIdentityAuth',
    'taskRegistrationUrl',
  ]);
});
