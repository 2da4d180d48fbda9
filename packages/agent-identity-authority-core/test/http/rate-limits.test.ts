import { generateAgentKey, signTaskRegistration } from 'agent-identity-core';
import { manualClock } from 'test-support';
import { describe, expect, it } from 'vitest';
import { adminToken, bearer, now, registrationOf, startAuthority } from '../support/start-authority.js';

/** An authority whose clients send their address in a header, with a manual clock. */
async function limited(requests = 3) {
  const { clock, advance } = manualClock(now);
  const started = await startAuthority(
    {
      rateLimits: {
        perAddress: { requests, perSeconds: 60 },
        perRuntime: { requests: 2, perSeconds: 60 },
        perAccount: { requests: 2, perSeconds: 3600 },
      },
      clientAddressOf: (request) => request.headers.get('x-address') ?? undefined,
    },
    { clock },
  );
  return {
    ...started,
    from: (address: string, path = '/agent-identities/jwks', headers: Record<string, string> = {}) =>
      started.get(path, { headers: { 'x-address': address, ...headers } }),
    advance,
  };
}

describe('the limit per address', () => {
  it('allows a burst, refuses the next request with Retry-After, and allows it after that time', async () => {
    const { from, advance } = await limited();
    for (let i = 0; i < 3; i++) expect((await from('192.0.2.1')).status).toBe(200);
    const refused = await from('192.0.2.1');
    expect(refused).toMatchObject({ status: 429, body: { error: { code: 'too_many_requests' } } });
    expect(refused.headers.get('retry-after')).toBe('20');
    advance(19);
    expect((await from('192.0.2.1')).headers.get('retry-after')).toBe('1');
    advance(1);
    expect((await from('192.0.2.1')).status).toBe(200);
    expect((await from('192.0.2.1')).status).toBe(429);
    advance(60);
    for (let i = 0; i < 3; i++) expect((await from('192.0.2.1')).status).toBe(200);
    expect((await from('192.0.2.1')).status).toBe(429);
  });

  it('counts each IPv4 address and each IPv6 subscriber separately', async () => {
    const { from } = await limited(1);
    expect((await from('192.0.2.1')).status).toBe(200);
    expect((await from('192.0.2.2')).status).toBe(200);
    expect((await from('::ffff:192.0.2.1')).status).toBe(429);
    expect((await from('2001:db8::1')).status).toBe(200);
    expect((await from('2001:0db8:0:0:ffff::2')).status).toBe(429);
    expect((await from('2001:db8:0:1::1')).status).toBe(200);
  });

  it('also counts registrations, unknown paths and wrong tokens', async () => {
    const { from, get } = await limited(3);
    const headers = { 'x-address': '192.0.2.1', ...bearer() };
    const register = () =>
      get('/v1/agent/register', { method: 'POST', headers, body: JSON.stringify(registrationOf()) });
    expect((await register()).status).toBe(200);
    expect((await from('192.0.2.1', '/nothing')).status).toBe(404);
    expect((await from('192.0.2.1', '/v1/admin/agents', bearer('guessed'))).status).toBe(401);
    expect((await from('192.0.2.1', '/v1/admin/agents', bearer('guessed'))).status).toBe(429);
    expect((await register()).status).toBe(429);
  });

  it('does not count administrators, verifiers, or clients with an unknown address', async () => {
    const { from, get } = await limited(1);
    for (let i = 0; i < 5; i++) {
      expect((await from('192.0.2.1', '/v1/admin/agents', bearer(adminToken))).status).toBe(200);
      expect((await get('/agent-identities/jwks')).status).toBe(200);
    }
  });
});

describe('the limit per runtime', () => {
  it('counts what the runtime signed, and nothing that others send in its name', async () => {
    const { register, registerTask } = await limited();
    const agentKey = generateAgentKey();
    const id = await register(agentKey);
    const clock = { clock: () => now };
    const forged = signTaskRegistration({ agentKey: generateAgentKey(), agentRuntimeId: id }, clock);
    for (let i = 0; i < 5; i++) expect((await registerTask(id, forged)).status).toBe(401);
    const sign = (secondsAgo: number) =>
      signTaskRegistration({ agentKey, agentRuntimeId: id }, { clock: () => now - secondsAgo * 1000 });
    expect((await registerTask(id, sign(0))).status).toBe(200);
    expect((await registerTask(id, sign(1))).status).toBe(200);
    const refused = await registerTask(id, sign(2));
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBe('30');
    for (let i = 0; i < 5; i++) expect((await registerTask(id, sign(1))).status).toBe(200);
    const other = generateAgentKey();
    const otherId = await register(other);
    const ofOther = signTaskRegistration({ agentKey: other, agentRuntimeId: otherId }, clock);
    expect((await registerTask(otherId, ofOther)).status).toBe(200);
  });

  it('the default is never met by 50 client processes that share a runtime and start within a minute', async () => {
    const { register, registerTask } = await startAuthority({ clientAddressOf: () => '192.0.2.1' });
    const agentKey = generateAgentKey();
    const id = await register(agentKey);
    // Each process registers four tasks (docs/protocol.md section 11), here at times that all differ.
    const statuses = [];
    for (let registration = 0; registration < 200; registration++) {
      const clock = () => now - 100_000 + registration * 1000;
      const signed = signTaskRegistration({ agentKey, agentRuntimeId: id }, { clock });
      statuses.push((await registerTask(id, signed)).status);
    }
    expect(statuses.filter((status) => status !== 200)).toEqual([]);
  });

  it('the default stops a flood', async () => {
    const { register, registerTask } = await startAuthority(
      {},
      { clock: () => now, monotonicClock: () => 0 },
    );
    const agentKey = generateAgentKey();
    const id = await register(agentKey);
    const statuses = [];
    for (let registration = 0; registration < 400; registration++) {
      const clock = () => now - 200_000 + registration * 1000;
      const signed = signTaskRegistration({ agentKey, agentRuntimeId: id }, { clock });
      statuses.push((await registerTask(id, signed)).status);
    }
    expect(statuses.filter((status) => status === 200)).toHaveLength(300);
    expect(statuses.filter((status) => status === 429)).toHaveLength(100);
  });
});

describe('the limit per account', () => {
  it('counts new runtimes, and not the same key again', async () => {
    const { get } = await limited(100);
    const registerKey = (registration: object) =>
      get('/v1/agent/register', { method: 'POST', headers: bearer(), body: JSON.stringify(registration) });
    const first = registrationOf();
    expect((await registerKey(first)).status).toBe(200);
    expect((await registerKey(registrationOf())).status).toBe(200);
    const refused = await registerKey(registrationOf());
    expect(refused).toMatchObject({ status: 429, body: { error: { code: 'too_many_requests' } } });
    expect(Number(refused.headers.get('retry-after'))).toBe(1800);
    expect((await registerKey(first)).status).toBe(200);
  });
});

it('each limit can be disabled', async () => {
  const { get, register, registerTask } = await startAuthority({
    rateLimits: { perAddress: false, perRuntime: false, perAccount: false },
    clientAddressOf: () => '192.0.2.1',
  });
  const agentKey = generateAgentKey();
  const id = await register(agentKey);
  for (let i = 0; i < 301; i++) {
    const clock = () => now - 150_000 + i * 1000;
    const signed = signTaskRegistration({ agentKey, agentRuntimeId: id }, { clock });
    expect((await registerTask(id, signed)).status).toBe(200);
  }
  for (let i = 0; i < 3001; i++) {
    if ((await get('/nothing')).status !== 404) throw new Error('is not off');
  }
});
