import { bundledSize } from 'test-support/bundled-size';
import { expect, it } from 'vitest';

const folder = new URL('..', import.meta.url);

/** Without the instance assertions of the second generation, and without the additions. */
const firstGeneration = Object.keys(await import('agent-identity-core')).filter(
  (name) => !name.includes('nstance') && !name.includes('Statement'),
);

it.each([
  ['what signs requests', "export { createAssertionSigner, readAgentKey } from 'agent-identity-core'", 17],
  ['all of the first generation', `export { ${firstGeneration} } from 'agent-identity-core'`, 29],
  ['all of agent-identity-core', "export * from 'agent-identity-core'", 31],
  ['all of agent-identity-core/http', "export * from 'agent-identity-core/http'", 6],
])('a bundle of %s for browsers stays within its limit of KiB', async (_what, source, maxKib) => {
  expect(await bundledSize(source, folder)).toBeLessThanOrEqual(maxKib);
});
