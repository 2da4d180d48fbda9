import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';

it.each([
  [
    'agent-identity-verifier',
    [
      'createAssertionVerifier',
      'isAgentIdentityError',
      'memoryDirectory',
      'memoryReplayStore',
      'verificationFailureResponse',
    ],
  ],
  [
    'agent-identity-verifier/directory-wire',
    [
      'agentRuntimeNotFoundCode',
      'directoryAgentRuntimePath',
      'directoryAgentRuntimeSchema',
      'directoryAgentTaskPath',
      'directoryAgentTaskSchema',
      'directoryChangeSchema',
      'directoryChangesPath',
      'directoryFollowHeader',
      'directoryFollowSecondsHeader',
      'directoryPositionSchema',
      'directoryRuntimeAgentInstancePath',
      'directoryRuntimeAgentInstanceSchema',
      'fromDirectoryActor',
      'fromDirectoryTaskStatus',
      'runtimeAgentInstanceNotFoundCode',
      'taskNotFoundCode',
      'toDirectoryActor',
      'toDirectoryTaskStatus',
    ],
  ],
  ['agent-identity-verifier/express', ['getCaller', 'getVerifiedAgent', 'requireAgent']],
  ['agent-identity-verifier/fastify', ['getCaller', 'getVerifiedAgent', 'requireAgent']],
  ['agent-identity-verifier/fetch', ['withAgent']],
  ['agent-identity-verifier/file-directory', ['directoryFileSchema', 'fileDirectory']],
  ['agent-identity-verifier/forward-auth', ['forwardAuth']],
  ['agent-identity-verifier/hono', ['requireAgent']],
  ['agent-identity-verifier/mcp', ['mcpAuthInfo']],
  ['agent-identity-verifier/node', ['requireAgent', 'requireAgentOnUpgrade']],
  ['agent-identity-verifier/postgres-replay-store', ['postgresReplayStore']],
  ['agent-identity-verifier/redis-replay-store', ['redisReplayStore']],
  ['agent-identity-verifier/remote-directory', ['remoteDirectory']],
])('%s exports these names and no others', async (entry, names) => {
  expect(Object.keys(await import(entry)).sort()).toEqual(names);
});

const shared = ['#emit-warning', 'agent-identity-core', 'agent-identity-core/http', 'lru-cache'];

it.each([
  ['agent-identity-verifier', shared],
  ['agent-identity-verifier/express', shared],
  ['agent-identity-verifier/fastify', shared],
  ['agent-identity-verifier/fetch', shared],
  ['agent-identity-verifier/forward-auth', shared],
  ['agent-identity-verifier/hono', shared],
  ['agent-identity-verifier/mcp', ['agent-identity-core/http']],
  ['agent-identity-verifier/node', [...shared, 'node:http']],
  ['agent-identity-verifier/postgres-replay-store', shared],
  ['agent-identity-verifier/redis-replay-store', ['agent-identity-core/http']],
  [
    'agent-identity-verifier/remote-directory',
    [...shared, 'agent-identity-core/wire', 'eventsource-parser', 'zod/mini'],
  ],
])('%s imports no framework and no other package than its own dependencies', async (entry, packages) => {
  expect([...(await importsOf(new URL(import.meta.resolve(entry))))].sort()).toEqual([...packages].sort());
});

/** The packages that a module imports, directly or through our other modules. */
async function importsOf(module: URL): Promise<Set<string>> {
  const code = await readFile(module, 'utf8');
  const found = new Set<string>();
  for (const [, specifier = ''] of code.matchAll(/^(?:import|export) (?:[^;']* from )?'([^']*)';$/gm)) {
    if (!specifier.startsWith('.')) found.add(specifier);
    else for (const further of await importsOf(new URL(specifier, module))) found.add(further);
  }
  return found;
}
