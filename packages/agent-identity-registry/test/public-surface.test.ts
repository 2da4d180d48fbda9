import { expect, it } from 'vitest';

it('agent-identity-registry exports these names and no others', async () => {
  expect(Object.keys(await import('agent-identity-registry')).sort()).toEqual([
    'RegistrationError',
    'agentRegistrationUrl',
    'changeAgentKey',
    'createAgentIdentityAuth',
    'createAgentIdentityRecord',
    'enrollAgent',
    'isAgentIdentityError',
    'isRegistrationError',
    'readAgentIdentity',
    'registerAgentRuntime',
    'registerChildAgent',
    'registerRunTask',
    'registerRuntimeAgentInstance',
    'resolveAuthapiBaseUrl',
    'resolveInstanceBaseUrl',
    'startAgentIdentityAuth',
    'taskRegistrationUrl',
  ]);
});

it('agent-identity-registry/ssh-agent exports these names and no others', async () => {
  expect(Object.keys(await import('agent-identity-registry/ssh-agent')).sort()).toEqual([
    'createSshAgentSigner',
    'listSshAgentKeys',
    'openSshAgentSigner',
  ]);
});
