import { expect, it } from 'vitest';

it('agent-identity-inspector exports these names and no others', async () => {
  expect(Object.keys(await import('agent-identity-inspector')).sort()).toEqual([
    'describeSection',
    'inspectText',
    'isAgentIdentityError',
    'withoutHeaderName',
  ]);
});
