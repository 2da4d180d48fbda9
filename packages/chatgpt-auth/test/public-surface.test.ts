import { expect, it } from 'vitest';

it('the main entry exports exactly the documented names', async () => {
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

it('everything that touches files, the keyring and the environment is in the subpath node', async () => {
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
