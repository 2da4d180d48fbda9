import { describe, expect, it } from 'vitest';
import { adminToken, bearer, startAuthority, verifierToken } from '../support/start-authority.js';

/** Every operation of administrators, with an example of its path. */
const operations: [string, string][] = [
  ['POST', '/v1/admin/agents'],
  ['GET', '/v1/admin/agents'],
  ['GET', '/v1/admin/agents/agent-1'],
  ['POST', '/v1/admin/agents/agent-1/revoke'],
  ['GET', '/v1/admin/agents/agent-1/tasks'],
  ['POST', '/v1/admin/agents/agent-1/tasks/task-1/revoke'],
  ['GET', '/v1/admin/signing-keys'],
  ['POST', '/v1/admin/signing-keys/rotate'],
  ['POST', '/v1/admin/signing-keys/kid-1/retire'],
  ['GET', '/v1/admin/audit'],
  ['POST', '/v1/admin/audit/verify'],
];

describe.each(operations)('%s %s', (method, path) => {
  it('only administrators may call it', async () => {
    const { get } = await startAuthority();
    for (const headers of [
      {},
      bearer(),
      bearer(verifierToken),
      bearer(`${adminToken}x`),
      { authorization: adminToken },
    ]) {
      expect(await get(path, { method, headers })).toMatchObject({
        status: 401,
        body: { error: { code: 'invalid_access_token' } },
      });
    }
  });

  it('does not exist without administrators', async () => {
    const { get } = await startAuthority({ administrators: undefined });
    expect(await get(path, { method, headers: bearer(adminToken) })).toMatchObject({ status: 404 });
  });

  it('responds with 503 if the authenticator cannot decide', async () => {
    const administrators = {
      authenticate: () => {
        throw new Error('the provider is down');
      },
    };
    const { get } = await startAuthority({ administrators });
    expect(await get(path, { method, headers: bearer(adminToken) })).toMatchObject({
      status: 503,
      body: { error: { code: 'authenticator_unavailable' } },
    });
  });
});

describe.each(operations)('%s %s', (method, path) => {
  it('refuses an unknown query parameter', async () => {
    const { authority, get, store } = await startAuthority();
    const headers = bearer(adminToken);
    await authority.sequenceAuditEntries();
    const before = await store.auditCheckpoint();
    expect(
      await get(`${path}?dry_run=true`, { method, headers, body: method === 'POST' ? '{}' : null }),
    ).toMatchObject({
      status: 400,
      body: { error: { message: expect.stringContaining('unknown name "dry_run"') } },
    });
    await authority.sequenceAuditEntries();
    expect(await store.auditCheckpoint()).toEqual(before);
  });
});

it.each([
  '/v1/admin/agents/agent-1/revoke',
  '/v1/admin/agents/agent-1/tasks/task-1/revoke',
  '/v1/admin/signing-keys/kid-1/retire',
])('POST %s refuses a body with members', async (path) => {
  const { admin, post } = await startAuthority();
  expect(await admin(path, { dry_run: true })).toMatchObject({
    status: 400,
    body: { error: { message: 'The body is not valid: unknown name "dry_run", expected none.' } },
  });
  for (const body of ['', '{}']) {
    expect((await post(path, body, bearer(adminToken))).status).toBe(404);
  }
});

it.each([
  ['{"account_id":"account-1","account_id":"account-2","dry_run":true}', 'account_id'],
  ['{"labels":{"a":"1","\\u0061":"2"},"dry_run":true}', 'a'],
  ['{"dry_run":true, "labels":{"dry_run":"["},"dry_run" : true}', 'dry_run'],
])('a body with a member that occurs twice is refused: %s', async (body, name) => {
  const { post } = await startAuthority();
  expect(await post('/v1/admin/agents/revoke', body, bearer(adminToken))).toMatchObject({
    status: 400,
    body: { error: { message: `The body is not valid: the member "${name}" occurs twice.` } },
  });
});

it('a name that occurs in several objects of a body, or in a text, is no duplicate', async () => {
  const { post } = await startAuthority();
  const body = '{"labels":{"labels":"\\"labels\\":1,"},"dry_run":true}';
  expect((await post('/v1/admin/agents/revoke', body, bearer(adminToken))).status).toBe(200);
});

it('the administration API works under the base path', async () => {
  const { admin } = await startAuthority({ authapiBasePath: '/api/accounts' });
  expect((await admin('/v1/admin/agents')).status).toBe(200);
});
