import { expect, it } from 'vitest';

it('agent-identity-broker exports these names and no others', async () => {
  expect(Object.keys(await import('agent-identity-broker')).sort()).toEqual([
    'isAgentIdentityError',
    'startBroker',
  ]);
});

it('agent-identity-broker/metrics exports these names and no others', async () => {
  expect(Object.keys(await import('agent-identity-broker/metrics')).sort()).toEqual(['createBrokerMetrics']);
});

it('agent-identity-broker/run exports these names and no others', async () => {
  expect(Object.keys(await import('agent-identity-broker/run')).sort()).toEqual([
    'brokerEnvironment',
    'openRequestLog',
    'responsesRules',
    'runWithBroker',
  ]);
});
