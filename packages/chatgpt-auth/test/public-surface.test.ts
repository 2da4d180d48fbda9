import { expect, it } from 'vitest';

it('chatgpt-auth exports these names and no others', async () => {
  expect(Object.keys(await import('chatgpt-auth')).sort()).toEqual([
    'classifyAccessToken',
    'decodeUnverifiedIdToken',
    'formatAuthJson',
    'isAgentIdentityError',
    'lookUpPersonalAccessToken',
    'memoryAuthStore',
    'openChatgptAuth',
    'parseAuthJson',
    'parseInstallationId',
    'policyForFeature',
    'readCodexEnvironment',
    'readStoredTask',
    'rememberTerminalState',
    'replaceStoredTask',
    'requireAllowedCredentials',
    'requireAllowedWorkspace',
    'resolveRuntimeAgentInstances',
  ]);
});

it('chatgpt-auth/node exports everything that uses files, the keyring and the environment', async () => {
  expect(Object.keys(await import('chatgpt-auth/node')).sort()).toEqual([
    'authStoreFor',
    'autoAuthStore',
    'fileAuthStore',
    'keyringAuthStore',
    'openCodexLogin',
    'readCodexConfig',
    'readOrCreateInstallationId',
    'readRuntimeAgentInstances',
  ]);
});
