import { describe, expect, it } from 'vitest';
import { accessToken, adminToken, startAuthority } from '../support/start-authority.js';
import { startWithAgent } from '../support/start-with-agent.js';

const account = {
  account_id: 'account-9',
  chatgpt_user_id: 'user-9',
  plan_type: 'business',
  is_fedramp: false,
};

describe('the audit log', () => {
  it('lists who did what, in order, and verifies', async () => {
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

  it('holds no secrets that were issued or sent', async () => {
    const { admin, agentKey } = await startWithAgent();
    const { jwt } = (await admin('/v1/admin/agents', { account })).body;
    const log = JSON.stringify((await admin('/v1/admin/audit')).body);
    for (const secret of [jwt, adminToken, accessToken, agentKey.toPkcs8Base64()])
      expect(log).not.toContain(secret);
  });

  it.each([
    ['action=agent_runtime_revokd', 'action: expected agent_runtime_added, agent_runtime_revoked, '],
    ['runtime_id=a', 'unknown name "runtime_id", expected agent_runtime_id, action, '],
    ['order=newest', 'order: expected one of "oldest_first"|"newest_first"'],
  ])('refuses %s instead of looking empty, and says what was expected', async (query, expected) => {
    const { admin } = await startAuthority();
    const { status, body } = await admin(`/v1/admin/audit?${query}`);
    expect(status).toBe(400);
    expect(body.error.message).toContain(expected);
  });

  it('is listed by an action of its own and by a custom one', async () => {
    const { admin, authority: _, store } = await startAuthority();
    await store.appendAuditEntry({ at: 1, actor: 'operator:alice', action: 'custom_log_exported' });
    const listActions = async (query: string) =>
      (await admin(`/v1/admin/audit?${query}`)).body.entries.map(({ action }: { action: string }) => action);
    expect(await listActions('action=custom_log_exported')).toEqual(['custom_log_exported']);
    expect(await listActions('action=signing_key_added')).toEqual(['signing_key_added']);
    expect(await listActions('action=custom_other')).toEqual([]);
  });

  it('refuses an unknown member of a checkpoint', async () => {
    const { admin } = await startAuthority();
    const checkpoint = { sequence: 0, hash: '0'.repeat(64), hsah: 'x' };
    expect((await admin('/v1/admin/audit/verify', { checkpoint })).body.error.message).toBe(
      'The body is not valid: checkpoint: unknown name "hsah", did you mean "hash"?',
    );
  });

  it('is listed from either end and by runtime', async () => {
    const { admin, agentRuntimeId } = await startWithAgent();
    const newest = (await admin('/v1/admin/audit?order=newest_first&limit=1')).body;
    expect(newest.entries).toMatchObject([{ action: 'agent_task_added' }]);
    const ofRuntime = (await admin(`/v1/admin/audit?agent_runtime_id=${agentRuntimeId}`)).body;
    expect(ofRuntime.entries).toHaveLength(2);
  });
});
