import { bundledSize } from 'test-support/bundled-size';
import { expect, it } from 'vitest';

it('a bundle of the package and its remote directory for Workers stays within its limit of KiB', async () => {
  const source = `export * from 'agent-identity-verifier'; export * from 'agent-identity-verifier/remote-directory';`;
  expect(await bundledSize(source, new URL('..', import.meta.url))).toBeLessThanOrEqual(46);
});
