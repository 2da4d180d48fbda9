import { publishedPackages } from 'test-support/published-packages';
import { describe, expect, it } from 'vitest';
import { startWorker } from './start-worker.js';

/** Packages and entry points that need Node.js. Every other one runs in a Worker. */
const needsNode = [
  'agent-identity-authority',
  'agent-identity-authority-sql',
  'agent-identity-broker',
  'agent-identity-cli',
  'agent-identity-console',
  'agent-identity-registry/ssh-agent',
  'agent-identity-verifier/express',
  'agent-identity-verifier/fastify',
  'agent-identity-verifier/file-directory',
  'agent-identity-verifier/node',
  'chatgpt-auth/node',
];

/** The packages that use modules of Node.js which Workers offer by the flag `nodejs_compat`. */
const needsNodeModules = ['agent-identity-authority-core'];

const isOf = (names: readonly string[]) => (entryPoint: string) =>
  names.some((name) => entryPoint === name || entryPoint.startsWith(`${name}/`));

const neutral = publishedPackages
  .flatMap(({ entryPoints }) => entryPoints.map(({ specifier }) => specifier))
  .filter((specifier) => !isOf(needsNode)(specifier));

describe.each(neutral)('%s', (name) => {
  const compatibility = isOf(needsNodeModules)(name) ? 'with Node.js modules' : 'without Node.js modules';

  it(`loads in a Worker ${compatibility}, with the same exports as in Node.js`, async () => {
    const origin = await startWorker(
      `import * as entryPoint from '${name}';
      export default { fetch: () => Response.json(Object.keys(entryPoint).sort()) };`,
      compatibility,
    );
    const inWorker = await (await fetch(origin)).json();
    expect(inWorker).toEqual(Object.keys(await import(name)).sort());
  });
});
