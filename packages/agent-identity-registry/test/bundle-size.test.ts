import { bundledSize } from 'test-support/bundled-size';
import { expect, it } from 'vitest';

it('a bundle of the package for browsers stays within its limit of KiB', async () => {
  const size = await bundledSize("export * from 'agent-identity-registry'", new URL('..', import.meta.url));
  expect(size).toBeLessThanOrEqual(50);
});
