import { connect } from 'node:net';
import { generateAgentKey, signTaskRegistration } from 'agent-identity-core';
import { errorBodySchema } from 'agent-identity-core/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { breakableStore } from '../support/breakable-store.js';
import { bearer, now, registrationOf, startAuthority } from '../support/start-authority.js';

describe('every response', () => {
  it('carries the time of the authority, and no-store unless the route says otherwise', async () => {
    const { get, post } = await startAuthority();
    const answers = [
      await post('/v1/agent/register', registrationOf(), bearer()),
      await post('/v1/agent/register', registrationOf()),
      await get('/nothing'),
    ];
    for (const { headers } of answers) {
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('date')).toBe('Thu, 23 Apr 2026 00:00:00 GMT');
    }
  });

  it.each(['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS'])(
    'to %s on an unknown path is a 404 in the JSON form that clients know',
    async (method) => {
      const { get } = await startAuthority();
      const { status, body } = await get('/v1/agent/admin', { method });
      expect(status).toBe(404);
      expect(errorBodySchema.parse(body).error.code).toBe('not_found');
    },
  );
});

describe('a known route', () => {
  it.each([
    ['PUT', '/v1/agent/register', 'POST'],
    ['GET', '/v1/agent/agent-1/task/register', 'POST'],
    ['POST', '/agent-identities/jwks', 'GET, HEAD'],
    ['DELETE', '/below/agent-identities/jwks', 'GET, HEAD'],
    ['PUT', '/v1/admin/agents', 'GET, HEAD, POST'],
  ])('answers %s %s with 405 and the methods that it takes', async (method, path, allow) => {
    const { get } = await startAuthority();
    const { status, body, headers } = await get(path, { method });
    expect(status).toBe(405);
    expect(headers.get('allow')).toBe(allow);
    expect(body).toEqual({ error: { code: 'method_not_allowed', message: `This route takes ${allow}.` } });
  });

  it('that is not served, because there are no administrators, is a 404 for every method', async () => {
    const { get } = await startAuthority({ administrators: undefined });
    expect((await get('/v1/admin/agents', { method: 'GET' })).status).toBe(404);
    expect((await get('/v1/admin/agents', { method: 'PUT' })).status).toBe(404);
  });
});

describe('a body over 64 KiB', () => {
  const tooMuch = registrationOf(undefined, { padding: 'x'.repeat(64 * 1024) });

  it('is refused because of its declared length', async () => {
    const { post } = await startAuthority();
    expect(await post('/v1/agent/register', tooMuch, bearer())).toMatchObject({
      status: 413,
      body: { error: { code: 'request_too_large' } },
    });
  });

  it('is refused when it arrives in chunks without a length', async () => {
    const { get } = await startAuthority();
    const answer = await get('/v1/agent/register', {
      method: 'POST',
      headers: bearer(),
      body: new Blob([JSON.stringify(tooMuch)]).stream(),
      duplex: 'half',
    } as RequestInit);
    expect(answer).toMatchObject({ status: 413, body: { error: { code: 'request_too_large' } } });
  });

  it('a body of exactly 64 KiB is accepted', async () => {
    const { post } = await startAuthority();
    const text = JSON.stringify(registrationOf(undefined, { padding: '' }));
    const padded = text.replace('"padding":""', `"padding":"${'x'.repeat(64 * 1024 - text.length)}"`);
    expect(padded).toHaveLength(64 * 1024);
    expect((await post('/v1/agent/register', padded, bearer())).status).toBe(200);
  });
});

describe('a failing store', () => {
  it('every route responds with 503 and Retry-After, reveals nothing to clients, and reports everything to onFailure', async () => {
    const { store, breakDown } = breakableStore();
    const failures: unknown[] = [];
    const started = await startAuthority({ store, onFailure: (failure) => failures.push(failure) });
    const agentKey = generateAgentKey();
    const id = await started.register(agentKey);
    const registration = signTaskRegistration({ agentKey, agentRuntimeId: id }, { clock: () => now });
    breakDown();
    const answers = [
      await started.post('/v1/agent/register', registrationOf(), bearer()),
      await started.registerTask(id, registration),
      await started.registerTask('agent-of-nobody', registration),
      await started.get('/agent-identities/jwks'),
    ];
    for (const { status, headers, body } of answers) {
      expect(status).toBe(503);
      expect(headers.get('retry-after')).toMatch(/^\d+$/);
      expect(body.error.code).toBe('store_unavailable');
      expect(JSON.stringify(body)).not.toMatch(/hunter2|ECONNREFUSED|postgres/);
    }
    expect(failures).toHaveLength(4);
    expect(String(failures[0])).toContain('ECONNREFUSED');
  });

  it('an onFailure that throws changes nothing', async () => {
    const { store, breakDown } = breakableStore();
    const onFailure = () => {
      throw new Error('the log is full');
    };
    const { get } = await startAuthority({ store, onFailure });
    breakDown();
    expect((await get('/agent-identities/jwks')).status).toBe(503);
  });
});

describe('an unexpected failure', () => {
  it.each([
    ['an error', new TypeError('cannot read seal of hunter2')],
    ['a value that is not an Error', 'hunter2'],
  ])('%s causes a 500 that reveals nothing about it', async (_what, failure) => {
    const failures: unknown[] = [];
    const { register, registerTask } = await startAuthority({
      sealTaskIds: () => {
        throw failure;
      },
      onFailure: (error) => failures.push(error),
    });
    const agentKey = generateAgentKey();
    const id = await register(agentKey);
    const answer = await registerTask(
      id,
      signTaskRegistration({ agentKey, agentRuntimeId: id }, { clock: () => now }),
    );
    expect(answer).toMatchObject({ status: 500, body: { error: { code: 'internal_error' } } });
    expect(JSON.stringify(answer.body)).not.toMatch(/hunter2|TypeError|\bat /);
    expect(failures).toEqual([failure]);
  });
});

it('any body gets a response below 500, in the JSON form if it is an error', async () => {
  const { authority } = await startAuthority();
  const body = fc.oneof(
    fc.json(),
    fc.string(),
    fc.uint8Array().map((bytes) => Uint8Array.from(bytes)),
  );
  const path = fc.constantFrom('/v1/agent/register', '/v1/agent/agent-1/task/register');
  await fc.assert(
    fc.asyncProperty(path, body, async (to, content) => {
      const request = new Request(`http://authority${to}`, {
        method: 'POST',
        headers: bearer(),
        body: content,
      });
      const answer = await authority.fetch(request);
      expect(answer.status).toBe(400);
      expect(errorBodySchema.parse(await answer.json()).error.code).toMatch(/^invalid_/);
    }),
  );
});

it('a client that disconnects in the middle of its body does no harm', async () => {
  const { url, get } = await startAuthority();
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.write('POST /v1/agent/register HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{"abom"');
  await new Promise((resolve) => socket.once('connect', resolve));
  socket.destroy();
  expect((await get('/agent-identities/jwks')).status).toBe(200);
});
