import { expect, test } from 'vitest';

test('the package exports exactly what its README lists', async () => {
  expect(Object.keys(await import('chatgpt-auth')).sort()).toEqual([
    'decodeUnverifiedIdToken',
    'formatAuthJson',
    'memoryAuthStore',
    'openChatgptAuth',
    'parseAuthJson',
    'policyOfFeature',
    'readStoredTask',
    'replaceStoredTask',
    'requireAllowedWorkspace',
  ]);
});

test('what touches files and the environment is behind a subpath', async () => {
  expect(Object.keys(await import('chatgpt-auth/auth-file')).sort()).toEqual([
    'fileAuthStore',
    'readCodexConfig',
    'readCodexEnvironment',
  ]);
});

test('what touches the OS keyring is behind another', async () => {
  expect(Object.keys(await import('chatgpt-auth/keyring')).sort()).toEqual([
    'authStoreFor',
    'autoAuthStore',
    'keyringAuthStore',
  ]);
});
