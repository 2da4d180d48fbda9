import {
  createAssertionVerifier,
  type ReplayLimitExceeded,
  type ReplayLimiterOptions,
  verificationFailureResponse,
} from 'agent-identity-verifier';
import { describe, expect, it } from 'vitest';
import { headerOf, knownAgent, now } from '../support/known-agent.js';

/** A verifier with a limiter. `request` sends the header of a second from an address and returns the outcome. */
function limitedVerifier(options: Omit<ReplayLimiterOptions, 'onLimitExceeded'>) {
  const agent = knownAgent();
  const events: ReplayLimitExceeded[] = [];
  const verifier = createAssertionVerifier(
    {
      directory: agent.directory,
      replayLimiter: { ...options, onLimitExceeded: (event) => events.push(event) },
    },
    { clock: () => now },
  );
  const request = async (clientAddress?: string, second = 0, accountId = 'account-1') =>
    verifier.verify(headerOf(agent, now + second * 1000), { accountId, clientAddress }).then(
      () => 'accepted',
      (error: { code: string }) => error.code,
    );
  return { request, events };
}

describe('requests with one assertion', () => {
  it('are refused beyond the limit, and the next assertion is counted separately', async () => {
    const { request } = limitedVerifier({ action: 'refuse', maxRequests: 3 });
    const outcomes = [];
    for (let i = 0; i < 5; i += 1) outcomes.push(await request());
    expect(outcomes).toEqual(['accepted', 'accepted', 'accepted', 'too_many_requests', 'too_many_requests']);
    expect(await request(undefined, 1)).toBe('accepted');
  });

  it('are reported once, with the agent and the number of requests', async () => {
    const { request, events } = limitedVerifier({ action: 'report', maxRequests: 2 });
    for (let i = 0; i < 5; i += 1) expect(await request('192.0.2.1')).toBe('accepted');
    expect(events).toEqual([
      {
        limit: 'requests',
        requests: 3,
        agent: {
          generation: 1,
          agentRuntimeId: 'agent-1',
          taskId: 'task-1',
          accountId: 'account-1',
          capabilities: [],
          labels: {},
          lineage: [],
          signedAt: '2026-04-23T00:00:00Z',
        },
      },
    ]);
  });

  it('are counted only if they verify', async () => {
    const { request, events } = limitedVerifier({ action: 'refuse', maxRequests: 1 });
    for (let i = 0; i < 3; i += 1) {
      expect(await request(undefined, 0, 'account-2')).toBe('account_mismatch');
    }
    expect(await request()).toBe('accepted');
    expect(events).toEqual([]);
  });
});

describe('client addresses of one assertion', () => {
  it('are refused beyond the limit, while the first ones keep working', async () => {
    const { request, events } = limitedVerifier({ action: 'refuse', maxClientAddresses: 2 });
    expect(await request('192.0.2.1')).toBe('accepted');
    expect(await request('2001:db8::1')).toBe('accepted');
    expect(await request('192.0.2.66')).toBe('too_many_requests');
    expect(await request('192.0.2.67')).toBe('too_many_requests');
    expect(await request('192.0.2.1')).toBe('accepted');
    expect(await request('2001:db8::1')).toBe('accepted');
    expect(events).toMatchObject([{ limit: 'client_addresses', requests: 3 }]);
  });

  it('are not limited if the request has none', async () => {
    const { request } = limitedVerifier({ action: 'refuse', maxClientAddresses: 1 });
    expect(await request('192.0.2.1')).toBe('accepted');
    expect(await request(undefined)).toBe('accepted');
  });

  it('are reported separately from the number of requests', async () => {
    const { request, events } = limitedVerifier({ action: 'report', maxClientAddresses: 1, maxRequests: 2 });
    for (const address of ['192.0.2.1', '192.0.2.2', '192.0.2.1', '192.0.2.2']) await request(address);
    expect(events.map(({ limit }) => limit)).toEqual(['client_addresses', 'requests']);
  });
});

it('the limiter forgets the least recently used assertion beyond maxTrackedAssertions', async () => {
  const { request } = limitedVerifier({ action: 'refuse', maxRequests: 1, maxTrackedAssertions: 1 });
  expect(await request(undefined, 0)).toBe('accepted');
  expect(await request(undefined, 0)).toBe('too_many_requests');
  expect(await request(undefined, 1)).toBe('accepted');
  expect(await request(undefined, 0)).toBe('accepted');
});

it('no limit applies by default', async () => {
  const agent = knownAgent();
  const verifier = createAssertionVerifier({ directory: agent.directory }, { clock: () => now });
  for (let i = 0; i < 300; i += 1) {
    await verifier.verify(headerOf(agent), { accountId: 'account-1', clientAddress: `192.0.2.${i % 250}` });
  }
});

it('an exception of onLimitExceeded is ignored', async () => {
  const agent = knownAgent();
  const onLimitExceeded = () => {
    throw new Error('the pager is down');
  };
  const replayLimiter = { action: 'report', maxRequests: 1, onLimitExceeded } as const;
  const verifier = createAssertionVerifier(
    { directory: agent.directory, replayLimiter },
    { clock: () => now },
  );
  const verify = () => verifier.verify(headerOf(agent), { accountId: 'account-1' });
  await verify();
  expect(await verify()).toMatchObject({ agentRuntimeId: 'agent-1' });
});

it('a request over the limit gets a 429 with Retry-After', async () => {
  const agent = knownAgent();
  const replayLimiter = { action: 'refuse', maxRequests: 1 } as const;
  const verifier = createAssertionVerifier(
    { directory: agent.directory, replayLimiter },
    { clock: () => now },
  );
  const verify = () => verifier.verify(headerOf(agent), { accountId: 'account-1' });
  await verify();
  const error = await verify().catch((thrown: unknown) => thrown);
  const { status, headers, body } = verificationFailureResponse(error);
  expect(status).toBe(429);
  expect(headers['retry-after']).toBe('1');
  expect(headers).not.toHaveProperty('www-authenticate');
  expect(body.error.code).toBe('too_many_requests');
});

it.each([
  ['action', { action: 'ban', maxRequests: 1 }],
  ['onLimitExceeded', { action: 'report', maxRequests: 1 }],
  ['onLimitExceeded', { action: 'refuse', maxRequests: 1, onLimitExceeded: 'mail' }],
  ['did you mean "maxRequests"', { action: 'refuse', maxRequest: 1 }],
  ['replayLimiter', { action: 'refuse' }],
  ['maxRequests', { action: 'refuse', maxRequests: 0 }],
  ['maxClientAddresses', { action: 'refuse', maxClientAddresses: 1.5 }],
  ['maxTrackedAssertions', { action: 'refuse', maxRequests: 1, maxTrackedAssertions: 0 }],
])('createAssertionVerifier refuses replayLimiter with an invalid %s: %j', (name, wrong) => {
  const replayLimiter = wrong as unknown as ReplayLimiterOptions;
  expect(() => createAssertionVerifier({ directory: knownAgent().directory, replayLimiter })).toThrow(
    expect.objectContaining({ code: 'invalid_argument', message: expect.stringContaining(name) }),
  );
});
