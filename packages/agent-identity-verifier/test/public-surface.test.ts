import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';

it.each([
  [
    'agent-identity-verifier',
    ['createAssertionVerifier', 'isAgentIdentityError', 'memoryDirectory', 'verificationFailureResponse'],
  ],
  [
    'agent-identity-verifier/directory-wire',
    [
      'agentRuntimeNotFoundCode',
      'directoryAgentRuntimePath',
      'directoryAgentRuntimeSchema',
      'directoryAgentTaskPath',
      'directoryAgentTaskSchema',
      'taskNotFoundCode',
    ],
  ],
  ['agent-identity-verifier/express', ['requireAgent', 'verifiedAgentOf']],
  ['agent-identity-verifier/fastify', ['requireAgent', 'verifiedAgentOf']],
  ['agent-identity-verifier/file-directory', ['directoryFileSchema', 'fileDirectory']],
  ['agent-identity-verifier/hono', ['requireAgent']],
  ['agent-identity-verifier/node', ['requireAgent', 'requireAgentOnUpgrade']],
  ['agent-identity-verifier/remote-directory', ['remoteDirectory']],
])('%s exports these names and no others', async (entry, names) => {
  expect(Object.keys(await import(entry)).sort()).toEqual(names);
});

it.each([
  ['agent-identity-verifier', ['agent-identity-core', 'lru-cache']],
  ['agent-identity-verifier/express', ['agent-identity-core']],
  ['agent-identity-verifier/fastify', ['agent-identity-core']],
  ['agent-identity-verifier/hono', ['agent-identity-core']],
  ['agent-identity-verifier/node', ['agent-identity-core', 'node:http']],
])('%s loads no framework, and nothing that its job does not need', async (entry, packages) => {
  expect([...(await importsOf(new URL(import.meta.resolve(entry))))].sort()).toEqual(packages);
});

/** The packages that a module imports, by way of other modules of ours too. */
async function importsOf(module: URL): Promise<Set<string>> {
  const code = await readFile(module, 'utf8');
  const found = new Set<string>();
  for (const [, specifier = ''] of code.matchAll(/^(?:import|export) (?:[^;']* from )?'([^']*)';$/gm)) {
    if (!specifier.startsWith('.')) found.add(specifier);
    else for (const further of await importsOf(new URL(specifier, module))) found.add(further);
  }
  return found;
}
