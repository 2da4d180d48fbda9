import { expect, test } from 'vitest';

test('the package exports exactly what its README lists', async () => {
  expect(Object.keys(await import('agent-identity-registry')).sort()).toEqual([
    'RegistrationError',
    'agentRegistrationUrl',
    'isRegistrationError',
    'registerAgentRuntime',
    'registerAgentTask',
    'resolveAuthapiBaseUrl',
    'startAgentIdentityAuth',
    'taskRegistrationUrl',
  ]);
});
