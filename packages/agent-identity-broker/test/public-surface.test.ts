import { expect, it } from 'vitest';

it('agent-identity-broker exports these names and no others', async () => {
  expect(Object.keys(await import('agent-identity-broker')).sort()).toEqual([
    'isAgentIdentityError',
    'startBroker',
  ]);
});
