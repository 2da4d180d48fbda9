import { expect, it } from 'vitest';

it('agent-identity-console exports these names and no others', async () => {
  expect(Object.keys(await import('agent-identity-console')).sort()).toEqual([
    'consoleHeaders',
    'readConsoleFiles',
  ]);
});
