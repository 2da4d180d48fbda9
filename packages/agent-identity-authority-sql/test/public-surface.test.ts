import { expect, it } from 'vitest';

it('agent-identity-authority-sql exports these names and no others', async () => {
  expect(Object.keys(await import('agent-identity-authority-sql')).sort()).toEqual([
    'copyStore',
    'inspectStore',
    'isAgentIdentityError',
    'openStore',
  ]);
});
