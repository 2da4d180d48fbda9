import { readAgentKey } from 'agent-identity-core';
import { localJwks, verifyAgentIdentityJwt } from 'agent-identity-jwt';
import { describe, expect, it } from 'vitest';
import {
  accessToken,
  adminToken,
  bearer,
  newSigningKeyPem,
  now,
  startAuthority,
  verifierToken,
} from '../support/start-authority.js';
import { startWithAgent } from '../support/start-with-agent.js';

/** Every operation of administrators, by a path that exists. */
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
  it('is for administrators only', async () => {
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

  it('is not there without administrators', async () => {
    const { get } = await startAuthority({ administrators: undefined });
    expect(await get(path, { method, headers: bearer(adminToken) })).toMatchObject({ status: 404 });
  });

  it('is a 503 when nobody can tell who asks', async () => {
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

const account = {
  account_id: 'account-9',
  chatgpt_user_id: 'user-9',
  plan_type: 'business',
  is_fedramp: false,
};

describe('issuing', () => {
  it('gives a JWT that verifies and a runtime that registers tasks', async () => {
    const { admin, authority, store } = await startAuthority();
    const { status, body, headers } = await admin('/v1/admin/agents', {
      account: { ...account, email: 'a@example.com' },
      lifetime_seconds: 600,
      runtime_ttl_seconds: 3600,
      abom: { agent_version: '1', agent_harness_id: 'codex-cli', running_location: 'cli-linux' },
      capabilities: ['responsesapi'],
    });
    expect(status).toBe(201);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(body.expires_at).toBe('2026-04-23T00:10:00.000Z');
    const jwks = localJwks(await authority.jwks());
    const claims = await verifyAgentIdentityJwt(body.jwt, { jwks }, { clock: () => now });
    expect(claims).toMatchObject({ account_id: 'account-9', agent_runtime_id: body.agent_runtime_id });
    expect(await store.findAgentRuntime(body.agent_runtime_id)).toMatchObject({
      publicKeySsh: readAgentKey(claims.agent_private_key).publicKey.ssh,
      expiresAt: now + 3_600_000,
    });
  });

  it.each([
    ['no account', {}],
    ['a blank account', { account: { ...account, account_id: ' ' } }],
    ['an account that is too long', { account: { ...account, account_id: 'a'.repeat(513) } }],
    ['an unknown member', { account, jwt_lifetime: 1 }],
    ['a life longer than allowed', { account, lifetime_seconds: 86_401 }],
    ['a life of no time', { account, lifetime_seconds: 0 }],
    ['NUL', { account: { ...account, account_id: 'a\0b' } }],
    ['a lone surrogate', { account: { ...account, account_id: 'a\ud800' } }],
  ])('refuses %s', async (_what, request) => {
    const { admin, store } = await startAuthority();
    expect(await admin('/v1/admin/agents', request)).toMatchObject({
      status: 400,
      body: { error: { code: 'invalid_request' } },
    });
    expect((await store.listAgentRuntimes()).items).toEqual([]);
  });
});

describe('listing', () => {
  it('goes through all runtimes page by page, the newest first, and shows no secret', async () => {
    const { admin } = await startAuthority();
    const issued: string[] = [];
    for (let i = 0; i < 5; i++)
      issued.push((await admin('/v1/admin/agents', { account })).body.agent_runtime_id);
    const listed: string[] = [];
    let path = '/v1/admin/agents?limit=2';
    for (let page = 0; page < 3; page++) {
      const { status, body } = await admin(path);
      expect(status).toBe(200);
      listed.push(...body.agents.map((agent: { agent_runtime_id: string }) => agent.agent_runtime_id));
      path = `/v1/admin/agents?limit=2&cursor=${encodeURIComponent(body.next_cursor)}`;
      expect(body.next_cursor === null).toBe(page === 2);
      expect(JSON.stringify(body)).not.toMatch(/private|eyJ/i);
    }
    expect(new Set(listed)).toEqual(new Set(issued));
    expect(listed).toHaveLength(5);
  });

  it('finds those of an account, and of a standing', async () => {
    const { admin, agentRuntimeId } = await startWithAgent();
    const other = (await admin('/v1/admin/agents', { account })).body.agent_runtime_id;
    await admin(`/v1/admin/agents/${other}/revoke`, {});
    const idsOf = async (query: string) =>
      (await admin(`/v1/admin/agents?${query}`)).body.agents.map(
        (agent: { agent_runtime_id: string }) => agent.agent_runtime_id,
      );
    expect(await idsOf('account_id=account-9')).toEqual([other]);
    expect(await idsOf('status=active')).toEqual([agentRuntimeId]);
    expect(await idsOf('status=revoked')).toEqual([other]);
    expect(await idsOf('status=expired')).toEqual([]);
  });

  it.each(['limit=0', 'limit=1001', 'limit=x', 'status=gone', 'cursor=nonsense', 'cursor='])(
    'refuses %s',
    async (query) => {
      const { admin } = await startAuthority();
      const { status, body } = await admin(`/v1/admin/agents?${query}`);
      expect(status).toBe(400);
      expect(body.error.code).toMatch(/^invalid_(request|cursor)$/);
    },
  );
});

describe('inspecting', () => {
  it('shows a runtime and its tasks', async () => {
    const { admin, agentRuntimeId, taskId, agentKey } = await startWithAgent();
    expect((await admin(`/v1/admin/agents/${agentRuntimeId}`)).body).toEqual({
      agent_runtime_id: agentRuntimeId,
      agent_public_key: agentKey.publicKey.ssh,
      account_id: 'account-1',
      chatgpt_user_id: 'user-1',
      abom: { agent_version: '1.0.0', agent_harness_id: 'codex-cli', running_location: 'cli-linux' },
      capabilities: ['responsesapi'],
      status: 'active',
      created_at: '2026-04-23T00:00:00.000Z',
      expires_at: null,
      revoked_at: null,
    });
    expect((await admin(`/v1/admin/agents/${agentRuntimeId}/tasks`)).body).toEqual({
      tasks: [
        {
          task_id: taskId,
          agent_runtime_id: agentRuntimeId,
          status: 'live',
          created_at: '2026-04-23T00:00:00.000Z',
          last_seen_at: '2026-04-23T00:00:00.000Z',
          revoked_at: null,
        },
      ],
      next_cursor: null,
    });
  });

  it.each(['agent-of-nobody', '%00', '%2e%2e%2fx', 'a'.repeat(600), '__proto__', '%ed%a0%80'])(
    'says that there is no runtime %j',
    async (id) => {
      const { admin } = await startAuthority();
      expect(await admin(`/v1/admin/agents/${id}`)).toMatchObject({
        status: 404,
        body: { error: { code: 'agent_runtime_not_found' } },
      });
    },
  );
});

describe('revoking', () => {
  it('ends a runtime for its agent and its verifiers, and is in the audit log with who did it', async () => {
    const { admin, agentRuntimeId, lookUp } = await startWithAgent();
    const { status, body } = await admin(`/v1/admin/agents/${agentRuntimeId}/revoke`, {});
    expect({ status, body }).toMatchObject({
      status: 200,
      body: { status: 'revoked', revoked_at: '2026-04-23T00:00:00.000Z' },
    });
    expect((await lookUp(`/v1/directory/agents/${agentRuntimeId}`)).body.status).toBe('revoked');
    expect((await admin(`/v1/admin/agents/${agentRuntimeId}/revoke`, {})).status).toBe(200);
    const audit = (await admin(`/v1/admin/audit?action=agent_runtime_revoked`)).body;
    expect(audit.entries).toMatchObject([{ actor: 'operator:alice', agent_runtime_id: agentRuntimeId }]);
  });

  it('ends one task and leaves the runtime', async () => {
    const { admin, agentRuntimeId, taskId, lookUp } = await startWithAgent();
    const path = `/v1/admin/agents/${agentRuntimeId}/tasks/${taskId}/revoke`;
    expect(await admin(path, {})).toMatchObject({ status: 200, body: { status: 'revoked' } });
    expect((await lookUp(`/v1/directory/agents/${agentRuntimeId}/tasks/${taskId}`)).body.status).toBe(
      'revoked',
    );
    expect((await lookUp(`/v1/directory/agents/${agentRuntimeId}`)).body.status).toBe('active');
  });

  it('says so when there is nothing to revoke', async () => {
    const { admin, agentRuntimeId } = await startWithAgent();
    expect(await admin('/v1/admin/agents/agent-2/revoke', {})).toMatchObject({ status: 404 });
    expect(await admin(`/v1/admin/agents/${agentRuntimeId}/tasks/task-2/revoke`, {})).toMatchObject({
      status: 404,
      body: { error: { code: 'task_not_found' } },
    });
  });
});

describe('signing keys', () => {
  it('are listed without their private halves', async () => {
    const { admin } = await startAuthority();
    const { body } = await admin('/v1/admin/signing-keys');
    expect(body.signing_keys).toEqual([
      {
        kid: expect.any(String),
        created_at: '2026-04-23T00:00:00.000Z',
        active_from: '2026-04-23T00:00:00.000Z',
        published_until: null,
        published: true,
      },
    ]);
  });

  it('rotate with an overlap, and the old one can be retired at once', async () => {
    const { admin, authority } = await startAuthority({ generateSigningKey: async () => newSigningKeyPem() });
    const [first] = (await admin('/v1/admin/signing-keys')).body.signing_keys;
    const rotated = await admin('/v1/admin/signing-keys/rotate', { activate_after_seconds: 900 });
    expect(rotated.status).toBe(201);
    const kids = async () => (await authority.jwks()).keys.map(({ kid }) => kid);
    expect(await kids()).toEqual([first.kid, rotated.body.kid]);
    expect((await admin(`/v1/admin/signing-keys/${rotated.body.kid}/retire`, {})).status).toBe(409);
    expect((await admin(`/v1/admin/signing-keys/unknown/retire`, {})).status).toBe(404);
    expect((await admin(`/v1/admin/signing-keys/${first.kid}/retire`, {})).status).toBe(200);
    expect(await kids()).toEqual([rotated.body.kid]);
  });

  it('go at once by a rotation without overlap', async () => {
    const { admin, authority } = await startAuthority({ generateSigningKey: async () => newSigningKeyPem() });
    const { body } = await admin('/v1/admin/signing-keys/rotate', { overlap_seconds: 0 });
    expect((await authority.jwks()).keys.map(({ kid }) => kid)).toEqual([body.kid]);
  });

  it('do not rotate by a request that is not as expected', async () => {
    const { admin, authority } = await startAuthority();
    for (const request of [{ overlap_seconds: -1 }, { overlap: 1 }, 'nonsense', []]) {
      expect((await admin('/v1/admin/signing-keys/rotate', request)).status).toBe(400);
    }
    expect((await authority.jwks()).keys).toHaveLength(1);
  });
});

describe('the audit log', () => {
  it('tells what was done by whom, in order, and verifies', async () => {
    const { admin, agentRuntimeId } = await startWithAgent();
    await admin('/v1/admin/agents', { account });
    const { entries } = (await admin('/v1/admin/audit')).body;
    expect(entries.map(({ sequence }: { sequence: number }) => sequence)).toEqual([1, 2, 3, 4]);
    expect(
      entries.map(({ actor, action }: { actor: string; action: string }) => `${actor} ${action}`),
    ).toEqual([
      'authority signing_key_added',
      'account:account-1/user-1 agent_runtime_added',
      `agent:${agentRuntimeId} agent_task_added`,
      'operator:alice agent_runtime_added',
    ]);
    const report = (await admin('/v1/admin/audit/verify', {})).body;
    expect(report).toMatchObject({ intact: true, entries: 4, problems: [] });
    expect((await admin('/v1/admin/audit/verify', { checkpoint: report.head })).body.intact).toBe(true);
    const forged = { ...report.head, hash: '0'.repeat(64) };
    expect((await admin('/v1/admin/audit/verify', { checkpoint: forged })).body.intact).toBe(false);
  });

  it('holds no secret of what was issued or sent', async () => {
    const { admin, agentKey } = await startWithAgent();
    const { jwt } = (await admin('/v1/admin/agents', { account })).body;
    const log = JSON.stringify((await admin('/v1/admin/audit')).body);
    for (const secret of [jwt, adminToken, accessToken, agentKey.toPkcs8Base64()])
      expect(log).not.toContain(secret);
  });

  it('is listed from either end and by runtime', async () => {
    const { admin, agentRuntimeId } = await startWithAgent();
    const newest = (await admin('/v1/admin/audit?order=newest_first&limit=1')).body;
    expect(newest.entries).toMatchObject([{ action: 'agent_task_added' }]);
    const ofRuntime = (await admin(`/v1/admin/audit?agent_runtime_id=${agentRuntimeId}`)).body;
    expect(ofRuntime.entries).toHaveLength(2);
  });
});

it('works under the base path', async () => {
  const { admin } = await startAuthority({ authapiBasePath: '/api/accounts' });
  expect((await admin('/v1/admin/agents')).status).toBe(200);
});
