import {
  auditLeafHash,
  decodeEntryBundle,
  proveInclusion,
  verifyCheckpoint,
  verifyInclusion,
} from 'agent-identity-authority-core/log';
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
    expect(entries.map(({ index }: { index: number }) => index)).toEqual([0, 1, 2, 3]);
    expect(
      entries.map(({ actor, action }: { actor: string; action: string }) => `${actor} ${action}`),
    ).toEqual([
      'authority signing_key_added',
      'account:account-1/user-1 agent_runtime_added',
      `agent:${agentRuntimeId} agent_task_added`,
      'administrator:alice agent_runtime_added',
    ]);
    const report = (await admin('/v1/admin/audit/verify', {})).body;
    expect(report).toMatchObject({ intact: true, entries: 4, problems: [] });
    const { checkpoint } = report;
    expect((await admin('/v1/admin/audit/verify', { checkpoint })).body.intact).toBe(true);
    const forged = await admin('/v1/admin/audit/verify', {
      checkpoint: checkpoint.replace('\n4\n', '\n5\n'),
    });
    expect(forged).toMatchObject({ status: 400, body: { error: { code: 'invalid_request' } } });
  });

  it('holds no secrets that were issued or sent', async () => {
    const { admin, agentKey } = await startWithAgent();
    const { jwt } = (await admin('/v1/admin/agents', { account })).body;
    const log = JSON.stringify((await admin('/v1/admin/audit')).body);
    for (const secret of [jwt, adminToken, accessToken, agentKey.toPkcs8Base64()])
      expect(log).not.toContain(secret);
  });

  it.each([
    ['action=agent_runtime_revokd', 'action: expected agent_runtime_added, agent_runtime_suspended, '],
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

  it('refuses an unknown member', async () => {
    const { admin } = await startAuthority();
    expect((await admin('/v1/admin/audit/verify', { checkpont: 'x' })).body.error.message).toBe(
      'The body is not valid: unknown name "checkpont", did you mean "checkpoint"?',
    );
  });

  it('is served as a static log: the checkpoint to all, tiles and entries to administrators', async () => {
    const { admin, get, authority } = await startWithAgent();
    await authority.sequenceAuditEntries();
    const note = await (
      await authority.fetch(new Request('http://authority/v1/audit/log/checkpoint'))
    ).text();
    const { size, rootHash } = verifyCheckpoint(note, authority.auditLogVerifierKey);
    expect(size).toBe(3);
    const fetchBytes = async (path: string, token = adminToken) => {
      const headers = { authorization: `Bearer ${token}` };
      const response = await authority.fetch(
        new Request(`http://authority/v1/audit/log/${path}`, { headers }),
      );
      return { status: response.status, bytes: new Uint8Array(await response.arrayBuffer()) };
    };
    const entries = decodeEntryBundle((await fetchBytes('tile/entries/000.p/3')).bytes);
    const { bytes } = await fetchBytes('tile/0/000.p/3');
    const proof = await proveInclusion(1, size, async () => bytes);
    const leafHash = auditLeafHash(entries[1] ?? expect.fail());
    verifyInclusion({ leafHash, index: 1, checkpoint: { size, rootHash }, proof });
    expect((await fetchBytes('tile/0/000.p/2')).bytes).toEqual(bytes.subarray(0, 64));
    expect((await fetchBytes('tile/0/000.p/3', accessToken)).status).toBe(401);
    const others = [
      'tile/0/000',
      'tile/0/000.p/4',
      'tile/0/001.p/1',
      'tile/1/000.p/1',
      'tile/x/000',
      'tile/0/x000/000',
    ];
    for (const path of [
      ...others,
      'tile/entries/000',
      'tile/0/0',
      'tile/64/000',
      'tile/0/000.p/0',
      'tile/0/000.p/257',
    ]) {
      expect((await fetchBytes(path)).status, path).toBe(404);
    }
    expect((await get('/v1/audit/log/tile/0/000.p/3')).status).toBe(401);
    expect((await admin('/v1/admin/audit/prune', { below: 9 })).status).toBe(400);
    expect((await admin('/v1/admin/audit/prune', { below: 2 })).body).toEqual({ removed: 2 });
    expect((await fetchBytes('tile/entries/000.p/3')).status).toBe(404);
    expect((await admin('/v1/admin/audit/verify', {})).body).toMatchObject({ intact: true, entries: 2 });
  });

  it('can be opened to everybody', async () => {
    const { authority } = await startAuthority({ auditLogReaders: 'everybody' });
    await authority.sequenceAuditEntries();
    const response = await authority.fetch(new Request('http://authority/v1/audit/log/tile/entries/000.p/1'));
    expect(response.status).toBe(200);
    expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
  });

  it('is listed from either end and by runtime', async () => {
    const { admin, agentRuntimeId } = await startWithAgent();
    const newest = (await admin('/v1/admin/audit?order=newest_first&limit=1')).body;
    expect(newest.entries).toMatchObject([{ action: 'agent_task_added' }]);
    const ofRuntime = (await admin(`/v1/admin/audit?agent_runtime_id=${agentRuntimeId}`)).body;
    expect(ofRuntime.entries).toHaveLength(2);
  });
});
