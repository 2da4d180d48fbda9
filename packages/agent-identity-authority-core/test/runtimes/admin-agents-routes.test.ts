import { generateAgentKey, signTaskRegistration } from 'agent-identity-core';
import { createAssertionVerifier } from 'agent-identity-verifier';
import { registrationBody } from 'test-support';
import { describe, expect, it } from 'vitest';
import { now, startAuthority } from '../support/start-authority.js';
import { type RegisteredAgent, startWithAgent } from '../support/start-with-agent.js';

const account = {
  account_id: 'account-9',
  chatgpt_user_id: 'user-9',
  plan_type: 'business',
  is_fedramp: false,
};

function registerTaskOf({ registerTask, agentKey, agentRuntimeId }: RegisteredAgent) {
  return registerTask(
    agentRuntimeId,
    signTaskRegistration({ agentKey, agentRuntimeId }, { clock: () => now }),
  );
}

describe('listing', () => {
  it('pages through all runtimes, newest first, without secrets', async () => {
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

  it('filters by account and by status', async () => {
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
    expect(await idsOf('chatgpt_user_id=user-9')).toEqual([other]);
    expect(await idsOf('created_before=2026-04-23T00:00:00Z')).toEqual([]);
    const labels = { team: 'a=b' };
    const labeled = (await admin('/v1/admin/agents', { account, labels })).body.agent_runtime_id;
    expect(await idsOf('label=team%3Da%3Db')).toEqual([labeled]);
    expect(await idsOf('label=team%3Da')).toEqual([]);
  });

  it.each([
    ['acount_id=a', 'unknown name "acount_id", did you mean "account_id"?'],
    [
      'x=1',
      'unknown name "x", expected account_id, chatgpt_user_id, label, created_before, status, cursor, limit',
    ],
    ['label=team', 'label: expected a label such as team=search'],
    ['created_before=yesterday', 'created_before: '],
    ['status=gone', 'status: expected one of "active"|"suspended"|"revoked"|"expired"'],
    ['limit=1001', 'limit: expected number to be <=1000'],
  ])('refuses %s and says what was expected', async (query, expected) => {
    const { admin } = await startAuthority();
    expect(await admin(`/v1/admin/agents?${query}`)).toMatchObject({
      status: 400,
      body: {
        error: {
          code: 'invalid_request',
          message: expect.stringContaining(`The query is not valid: ${expected}`),
        },
      },
    });
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

describe('describing', () => {
  const description = { name: 'nightly build', owner: 'team-search', labels: { team: 'search' } };

  it('an issued identity has the name, the owner and the labels that the administrator gives', async () => {
    const { admin } = await startAuthority();
    const { agent_runtime_id: id } = (await admin('/v1/admin/agents', { account, ...description })).body;
    expect((await admin(`/v1/admin/agents/${id}`)).body).toMatchObject(description);
    const { entries } = (await admin(`/v1/admin/audit?agent_runtime_id=${id}`)).body;
    expect(entries[0].details).toMatchObject({ name: 'nightly build', owner: 'team-search' });
  });

  it('an enrolled agent has those of its enrollment token, and verifiers learn the name and the labels', async () => {
    const { admin, post, lookUp } = await startAuthority();
    const { token } = (await admin('/v1/admin/enrollment-tokens', { account, ...description })).body;
    const body = registrationBody(generateAgentKey().publicKey.ssh);
    const registered = await post('/v1/agent/register', body, { authorization: `Bearer ${token}` });
    const { agent_runtime_id: id } = registered.body;
    expect((await admin(`/v1/admin/agents/${id}`)).body).toMatchObject(description);
    const { name, labels } = description;
    const told = (await lookUp(`/v1/directory/agents/${id}`)).body;
    expect(told).toMatchObject({ name, labels });
    expect(told).not.toHaveProperty('owner');
  });

  it.each([
    [{ name: '' }, 'name'],
    [{ owner: 'x'.repeat(256) }, 'owner'],
    [{ labels: { 'two words': 'x' } }, 'labels'],
    [{ labels: { team: 7 } }, 'labels.team'],
    [{ labels: 'team' }, 'labels'],
    [{ label: { team: 'x' } }, 'did you mean "labels"'],
  ])('refuses %j, and issues nothing', async (members, message) => {
    const { admin } = await startAuthority();
    expect(await admin('/v1/admin/agents', { account, ...members })).toMatchObject({
      status: 400,
      body: { error: { code: 'invalid_request', message: expect.stringContaining(message) } },
    });
    expect((await admin('/v1/admin/agents')).body.agents).toEqual([]);
  });
});

describe('inspecting', () => {
  it('returns a runtime and its tasks', async () => {
    const { admin, agentRuntimeId, taskId, agentKey } = await startWithAgent();
    expect((await admin(`/v1/admin/agents/${agentRuntimeId}`)).body).toEqual({
      agent_runtime_id: agentRuntimeId,
      agent_public_key: agentKey.publicKey.ssh,
      account_id: 'account-1',
      chatgpt_user_id: 'user-1',
      plan_type: 'business',
      name: null,
      owner: null,
      labels: {},
      abom: { agent_version: '1.0.0', agent_harness_id: 'codex-cli', running_location: 'cli-linux' },
      capabilities: ['responsesapi'],
      lineage: [],
      status: 'active',
      created_at: '2026-04-23T00:00:00.000Z',
      expires_at: null,
      suspended_at: null,
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
    'responds with 404 for the unknown runtime %j',
    async (id) => {
      const { admin } = await startAuthority();
      expect(await admin(`/v1/admin/agents/${id}`)).toMatchObject({
        status: 404,
        body: { error: { code: 'agent_runtime_not_found' } },
      });
    },
  );
});

describe('suspending', () => {
  it('stops a runtime until it is resumed, with its tasks', async () => {
    const agent = await startWithAgent();
    const { admin, agentRuntimeId, taskId, lookUp } = agent;
    const verifier = createAssertionVerifier({ directory: agent.authority.directory }, { clock: () => now });
    const verify = () => verifier.verify(agent.header(), { accountId: 'account-1' });
    const path = `/v1/admin/agents/${agentRuntimeId}`;
    expect(await admin(`${path}/suspend`, {})).toMatchObject({
      status: 200,
      body: { status: 'suspended', suspended_at: '2026-04-23T00:00:00.000Z', revoked_at: null },
    });
    expect((await lookUp(`/v1/directory/agents/${agentRuntimeId}`)).body.status).toBe('suspended');
    await expect(verify()).rejects.toMatchObject({ code: 'agent_runtime_suspended' });
    expect(await registerTaskOf(agent)).toMatchObject({
      status: 403,
      body: { error: { code: 'agent_runtime_suspended', message: 'Agent runtime is suspended.' } },
    });
    expect((await admin('/v1/admin/agents?status=suspended')).body.agents).toHaveLength(1);
    expect((await admin('/v1/admin/agents?status=active')).body.agents).toHaveLength(0);

    expect(await admin(`${path}/resume`, {})).toMatchObject({
      status: 200,
      body: { status: 'active', suspended_at: null },
    });
    expect(await verify()).toMatchObject({ agentRuntimeId, taskId });
    const audit = (await admin(`/v1/admin/audit?agent_runtime_id=${agentRuntimeId}&order=newest_first`)).body
      .entries;
    expect(audit.slice(0, 2)).toMatchObject([
      { action: 'agent_runtime_resumed', actor: 'administrator:alice' },
      { action: 'agent_runtime_suspended', actor: 'administrator:alice' },
    ]);
  });

  it('is refused to a runtime that was suspended after the authority had read it', async () => {
    const agent = await startWithAgent();
    const { admin, agentRuntimeId } = agent;
    expect((await registerTaskOf(agent)).status).toBe(200);
    await admin(`/v1/admin/agents/${agentRuntimeId}/suspend`, {});
    expect((await registerTaskOf(agent)).body.error.code).toBe('agent_runtime_suspended');
    await admin(`/v1/admin/agents/${agentRuntimeId}/revoke`, {});
    expect((await registerTaskOf(agent)).body.error.code).toBe('agent_runtime_deleted');
  });

  it('has no effect on a revoked runtime, and repeating it has none', async () => {
    const { admin, agentRuntimeId } = await startWithAgent();
    const path = `/v1/admin/agents/${agentRuntimeId}`;
    for (const step of ['suspend', 'suspend', 'resume', 'resume', 'revoke', 'suspend', 'resume'])
      expect((await admin(`${path}/${step}`, {})).status).toBe(200);
    expect((await admin(path)).body).toMatchObject({ status: 'revoked', suspended_at: null });
    const { entries } = (await admin(`/v1/admin/audit?agent_runtime_id=${agentRuntimeId}&order=newest_first`))
      .body;
    expect(entries.slice(0, 3).map(({ action }: { action: string }) => action)).toEqual([
      'agent_runtime_revoked',
      'agent_runtime_resumed',
      'agent_runtime_suspended',
    ]);
  });

  it.each(['suspend', 'resume'])('%s responds with 404 for an unknown runtime', async (step) => {
    const { admin } = await startAuthority();
    expect(await admin(`/v1/admin/agents/agent-of-nobody/${step}`, {})).toMatchObject({
      status: 404,
      body: { error: { code: 'agent_runtime_not_found' } },
    });
  });
});

describe('revoking many', () => {
  const labels = { team: 'search' };

  async function startWithThree() {
    const { admin } = await startAuthority();
    const ids: string[] = [];
    for (const body of [{ account, labels }, { account, labels }, { account }])
      ids.push((await admin('/v1/admin/agents', body)).body.agent_runtime_id);
    const revokeMany = (body: object) => admin('/v1/admin/agents/revoke', body);
    const statuses = async () =>
      Promise.all(ids.map(async (id) => (await admin(`/v1/admin/agents/${id}`)).body.status));
    return { admin, revokeMany, statuses };
  }

  it('counts in a dry run, and revokes those that match if their number was confirmed', async () => {
    const { admin, revokeMany, statuses } = await startWithThree();
    expect(await revokeMany({ labels, dry_run: true })).toMatchObject({
      status: 200,
      body: { matching: 2, revoked: 0 },
    });
    expect(await statuses()).toEqual(['active', 'active', 'active']);
    expect(await revokeMany({ labels, expected_count: 2 })).toMatchObject({
      status: 200,
      body: { matching: 2, revoked: 2 },
    });
    expect(await statuses()).toEqual(['revoked', 'revoked', 'active']);
    expect((await admin('/v1/admin/audit?action=agent_runtime_revoked')).body.entries).toMatchObject([
      { actor: 'administrator:alice' },
      { actor: 'administrator:alice' },
    ]);
    expect((await revokeMany({ labels, dry_run: true })).body).toEqual({ matching: 0, revoked: 0 });
  });

  it('changes nothing if another number matches than was confirmed', async () => {
    const { revokeMany, statuses } = await startWithThree();
    expect(await revokeMany({ account_id: 'account-9', expected_count: 2 })).toMatchObject({
      status: 409,
      body: { error: { code: 'count_mismatch', message: expect.stringContaining('3 agent runtimes match') } },
    });
    expect(await statuses()).toEqual(['active', 'active', 'active']);
  });

  it.each([
    [{ dry_run: true }, 'selector: expected one of accountId'],
    [{ labels: {}, dry_run: true }, 'selector: expected one of accountId'],
    [{ labels }, 'one of dry_run and expected_count'],
    [{ labels, dry_run: true, expected_count: 2 }, 'one of dry_run and expected_count'],
    [{ labels, expected_count: -1 }, 'expected_count'],
    [{ labels, expected_count: 10_001 }, 'expected_count'],
    [{ label: labels, dry_run: true }, 'did you mean "labels"'],
    [{ labels: { 'two words': 'x' }, dry_run: true }, 'labels'],
  ])('refuses %j', async (body, message) => {
    const { revokeMany, statuses } = await startWithThree();
    expect(await revokeMany(body)).toMatchObject({
      status: 400,
      body: { error: { message: expect.stringContaining(message) } },
    });
    expect(await statuses()).toEqual(['active', 'active', 'active']);
  });
});

describe('revoking', () => {
  it('ends a runtime for its agent and its verifiers, and the audit log says who did it', async () => {
    const { admin, agentRuntimeId, lookUp } = await startWithAgent();
    const { status, body } = await admin(`/v1/admin/agents/${agentRuntimeId}/revoke`, {});
    expect({ status, body }).toMatchObject({
      status: 200,
      body: { status: 'revoked', revoked_at: '2026-04-23T00:00:00.000Z' },
    });
    expect((await lookUp(`/v1/directory/agents/${agentRuntimeId}`)).body.status).toBe('revoked');
    expect((await admin(`/v1/admin/agents/${agentRuntimeId}/revoke`, {})).status).toBe(200);
    const audit = (await admin(`/v1/admin/audit?action=agent_runtime_revoked`)).body;
    expect(audit.entries).toMatchObject([{ actor: 'administrator:alice', agent_runtime_id: agentRuntimeId }]);
  });

  it('ends one task and leaves the runtime active', async () => {
    const { admin, agentRuntimeId, taskId, lookUp } = await startWithAgent();
    const path = `/v1/admin/agents/${agentRuntimeId}/tasks/${taskId}/revoke`;
    expect(await admin(path, {})).toMatchObject({ status: 200, body: { status: 'revoked' } });
    expect((await lookUp(`/v1/directory/agents/${agentRuntimeId}/tasks/${taskId}`)).body.status).toBe(
      'revoked',
    );
    expect((await lookUp(`/v1/directory/agents/${agentRuntimeId}`)).body.status).toBe('active');
  });

  it('responds with 404 if there is nothing to revoke', async () => {
    const { admin, agentRuntimeId } = await startWithAgent();
    expect(await admin('/v1/admin/agents/agent-2/revoke', {})).toMatchObject({ status: 404 });
    expect(await admin(`/v1/admin/agents/${agentRuntimeId}/tasks/task-2/revoke`, {})).toMatchObject({
      status: 404,
      body: { error: { code: 'task_not_found' } },
    });
  });
});
