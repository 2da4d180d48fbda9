import { expect, it } from 'vitest';

it('agent-identity-cli exports these names and no others', async () => {
  expect(Object.keys(await import('agent-identity-cli')).sort()).toEqual([
    'exitCodes',
    'isAgentIdentityError',
    'runCommandLine',
  ]);
});
