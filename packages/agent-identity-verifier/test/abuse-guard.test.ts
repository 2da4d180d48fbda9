import {
  type AbuseGuardOptions,
  type AssertionAbuse,
  createAssertionVerifier,
  verificationFailureResponse,
} from 'agent-identity-verifier';
import { describe, expect, it } from 'vitest';
import { headerOf, knownAgent, now } from './support/known-agent.js';

/** A verifier with a guard, and what a request with the header of a second, from an address, comes to. */
function guarded(options: Omit<AbuseGuardOptions, 'onAbuse'>) {
  const agent = knownAgent();
  const abuses: AssertionAbuse[] = [];
  const verifier = createAssertionVerifier(
    { directory: agent.directory, abuseGuard: { ...options, onAbuse: (abuse) => abuses.push(abuse) } },
    { clock: () => now },
  );
  const request = async (clientAddress?: string, second = 0, accountId = 'account-1') =>
    verifier.verify(headerOf(agent, now + second * 1000), { accountId, clientAddress }).then(
      () => 'accepted',
      (error: { code: string }) => error.code,
    );
  return { request, abuses };
}

describe('requests with one assertion', () => {
  it('are refused beyond the limit, and the next assertion starts anew', async () => {
    const { request } = guarded({ action: 'refuse', maxRequests: 3 });
    const outcomes = [];
    for (let i = 0; i < 5; i += 1) outcomes.push(await request());
    expect(outcomes).toEqual(['accepted', 'accepted', 'accepted', 'too_many_requests', 'too_many_requests']);
    expect(await request(undefined, 1)).toBe('accepted');
  });

  it('are told of once, with who it was and how often', async () => {
    const { request, abuses } = guarded({ action: 'report', maxRequests: 2 });
    for (let i = 0; i < 5; i += 1) expect(await request('192.0.2.1')).toBe('accepted');
    expect(abuses).toEqual([
      {
        exceeded: 'requests',
        requests: 3,
        agent: {
          agentRuntimeId: 'agent-1',
          taskId: 'task-1',
          accountId: 'account-1',
          signedAt: '2026-04-23T00:00:00Z',
        },
      },
    ]);
  });

  it('count only when they verify', async () => {
    const { request, abuses } = guarded({ action: 'refuse', maxRequests: 1 });
    for (let i = 0; i < 3; i += 1) {
      expect(await request(undefined, 0, 'account-2')).toBe('account_mismatch');
    }
    expect(await request()).toBe('accepted');
    expect(abuses).toEqual([]);
  });
});

describe('client addresses of one assertion', () => {
  it('beyond the limit are refused, while those that came first go on', async () => {
    const { request, abuses } = guarded({ action: 'refuse', maxClientAddresses: 2 });
    expect(await request('192.0.2.1')).toBe('accepted');
    expect(await request('2001:db8::1')).toBe('accepted');
    expect(await request('192.0.2.66')).toBe('too_many_requests');
    expect(await request('192.0.2.67')).toBe('too_many_requests');
    expect(await request('192.0.2.1')).toBe('accepted');
    expect(await request('2001:db8::1')).toBe('accepted');
    expect(abuses).toMatchObject([{ exceeded: 'client_addresses', requests: 3 }]);
  });

  it('are not judged where none is known', async () => {
    const { request } = guarded({ action: 'refuse', maxClientAddresses: 1 });
    expect(await request('192.0.2.1')).toBe('accepted');
    expect(await request(undefined)).toBe('accepted');
  });

  it('are told of apart from the number of requests', async () => {
    const { request, abuses } = guarded({ action: 'report', maxClientAddresses: 1, maxRequests: 2 });
    for (const address of ['192.0.2.1', '192.0.2.2', '192.0.2.1', '192.0.2.2']) await request(address);
    expect(abuses.map(({ exceeded }) => exceeded)).toEqual(['client_addresses', 'requests']);
  });
});

it('watches as many assertions as allowed, and counts one that it forgot anew', async () => {
  const { request } = guarded({ action: 'refuse', maxRequests: 1, maxWatchedAssertions: 1 });
  expect(await request(undefined, 0)).toBe('accepted');
  expect(await request(undefined, 0)).toBe('too_many_requests');
  expect(await request(undefined, 1)).toBe('accepted');
  expect(await request(undefined, 0)).toBe('accepted');
});

it('is off by default: an assertion may come any number of times, from anywhere', async () => {
  const agent = knownAgent();
  const verifier = createAssertionVerifier({ directory: agent.directory }, { clock: () => now });
  for (let i = 0; i < 300; i += 1) {
    await verifier.verify(headerOf(agent), { accountId: 'account-1', clientAddress: `192.0.2.${i % 250}` });
  }
});

it('goes on when whoever is told throws', async () => {
  const agent = knownAgent();
  const onAbuse = () => {
    throw new Error('the pager is down');
  };
  const abuseGuard = { action: 'report', maxRequests: 1, onAbuse } as const;
  const verifier = createAssertionVerifier({ directory: agent.directory, abuseGuard }, { clock: () => now });
  const verify = () => verifier.verify(headerOf(agent), { accountId: 'account-1' });
  await verify();
  expect(await verify()).toMatchObject({ agentRuntimeId: 'agent-1' });
});

it('is answered with 429, and when to come back', async () => {
  const agent = knownAgent();
  const abuseGuard = { action: 'refuse', maxRequests: 1 } as const;
  const verifier = createAssertionVerifier({ directory: agent.directory, abuseGuard }, { clock: () => now });
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
  ['onAbuse', { action: 'report', maxRequests: 1 }],
  ['onAbuse', { action: 'refuse', maxRequests: 1, onAbuse: 'mail' }],
  ['abuseGuard', { action: 'refuse' }],
  ['maxRequests', { action: 'refuse', maxRequests: 0 }],
  ['maxClientAddresses', { action: 'refuse', maxClientAddresses: 1.5 }],
  ['maxWatchedAssertions', { action: 'refuse', maxRequests: 1, maxWatchedAssertions: 0 }],
])('refuses an unusable %s when it is made: %j', (name, wrong) => {
  const abuseGuard = wrong as unknown as AbuseGuardOptions;
  expect(() => createAssertionVerifier({ directory: knownAgent().directory, abuseGuard })).toThrow(
    expect.objectContaining({ code: 'invalid_argument', message: expect.stringContaining(name) }),
  );
});
