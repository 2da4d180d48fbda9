import { randomUUID } from 'node:crypto';
import type { AuthorityStore, StoreChange, StoredRuntimeAgentInstance } from 'agent-identity-authority-core';
import { someInstance } from 'test-support';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { countAuditEntries, sequence } from './support/audit-log.js';
import { openedStore, sharedStore, storeKinds } from './support/store-kinds.js';

/** The contract of every store for runtime agent instances. */
describe.each(storeKinds())('the runtime agent instances of $name', (kind) => {
  const shared = sharedStore(kind);
  let store: AuthorityStore;
  let instance: StoredRuntimeAgentInstance;
  let id: string;
  beforeEach(async () => {
    store = shared();
    instance = someInstance();
    id = instance.runtimeAgentInstanceId;
    await store.addRuntimeAgentInstance(instance);
  });

  const found = () => store.findRuntimeAgentInstance(id);
  const lastEntry = async () => {
    await sequence(store);
    const { items } = await store.listAuditEntries({ order: 'newest_first', limit: 1 });
    return items[0] ?? expect.fail();
  };

  it('are found unchanged, and only by their own id', async () => {
    expect(await found()).toEqual(instance);
    for (const other of ['rai-2', id.toUpperCase(), `${id} `, '', '__proto__', `${id}\0`, `${id}\ud800`]) {
      expect(await store.findRuntimeAgentInstance(other)).toBeUndefined();
    }
  });

  it.each([
    { kind: 'platform', userId: 'user-1', organizationId: 'org-1', projectId: null },
    { kind: 'platform', userId: '', organizationId: '', projectId: 'project-1' },
    { kind: 'chatgpt', userId: '', accountId: '' },
  ] as const)('keep the actor %j', async (actor) => {
    const second = { ...someInstance(), actor };
    expect(await store.addRuntimeAgentInstance(second)).toEqual(second);
    expect(await store.findRuntimeAgentInstance(second.runtimeAgentInstanceId)).toEqual(second);
  });

  it.each([
    ['undefined', undefined],
    ['text', 'text'],
    ['an unknown kind of actor', { ...someInstance(), actor: { kind: 'robot', userId: 'user-1' } }],
    ['an actor with NUL', { ...someInstance(), actor: { kind: 'chatgpt', userId: '\0', accountId: 'a' } }],
    ['a long role', { ...someInstance(), role: 'x'.repeat(513) }],
    ['a text as time', { ...someInstance(), createdAt: '2026-04-23' }],
    ['no time of revocation', { ...someInstance(), revokedAt: undefined }],
  ])('are refused if they are or have %s', async (_what, wrong) => {
    const before = await countAuditEntries(store);
    await expect(store.addRuntimeAgentInstance(wrong as never)).rejects.toMatchObject({
      code: 'invalid_argument',
    });
    expect(await countAuditEntries(store)).toEqual(before);
  });

  it('are listed by several accounts, which those of organizations have none of', async () => {
    const accountIds = [randomUUID(), randomUUID()];
    const [first, second] = accountIds.map((accountId) => ({
      ...someInstance(),
      actor: { kind: 'chatgpt', userId: 'user-1', accountId } as const,
    }));
    const ofOrganization = {
      ...someInstance(),
      actor: {
        kind: 'platform',
        userId: 'user-1',
        organizationId: accountIds[0] ?? '',
        projectId: null,
      } as const,
    };
    for (const added of [first, second, ofOrganization]) {
      await store.addRuntimeAgentInstance(added ?? expect.fail());
    }
    const { items } = await store.listRuntimeAgentInstances({ accountIds });
    expect(items).toHaveLength(2);
    expect(items).toEqual(expect.arrayContaining([first, second]));
    for (const none of [[], [''], ['\0'], [randomUUID()]]) {
      expect((await store.listRuntimeAgentInstances({ accountIds: none, userId: 'user-1' })).items).toEqual(
        [],
      );
    }
  });

  it('are one for each Idempotency-Key, even if many are added at once', async () => {
    const { idempotencyKeyDigest } = someInstance();
    const before = await countAuditEntries(store);
    const added = await Promise.all(
      Array.from({ length: 12 }, () =>
        store.addRuntimeAgentInstance({ ...someInstance(), idempotencyKeyDigest }),
      ),
    );
    expect(new Set(added.map(({ runtimeAgentInstanceId }) => runtimeAgentInstanceId)).size).toBe(1);
    expect(await countAuditEntries(store)).toBe(before + 1);
  });

  it('are one for each public key, and the one of the Idempotency-Key comes first', async () => {
    const other = someInstance();
    await store.addRuntimeAgentInstance(other);
    const { publicKeySsh } = instance;
    expect(await store.addRuntimeAgentInstance({ ...someInstance(), publicKeySsh })).toEqual(instance);
    const { idempotencyKeyDigest } = other;
    const both = { ...someInstance(), publicKeySsh, idempotencyKeyDigest };
    expect(await store.addRuntimeAgentInstance(both)).toEqual(other);
  });

  it('are one after a restart', async () => {
    if (kind.name === 'memory:') return expect(await found()).toEqual(instance);
    const url = await kind.newUrl();
    const first = await openedStore(url);
    await first.addRuntimeAgentInstance(instance);
    await first.close();
    const second = await openedStore(url);
    const again = { ...someInstance(), idempotencyKeyDigest: instance.idempotencyKeyDigest };
    expect(await second.addRuntimeAgentInstance(again)).toEqual(instance);
  });

  it('are last seen at the latest time', async () => {
    await store.touchRuntimeAgentInstance(id, 5000);
    await store.touchRuntimeAgentInstance(id, 4000);
    await store.touchRuntimeAgentInstance('rai-unknown\0', 9000);
    expect(await found()).toEqual({ ...instance, lastSeenAt: 5000 });
  });

  it('are revoked once, and keep the first time', async () => {
    const selector = { runtimeAgentInstanceId: id };
    expect(await store.changeRuntimeAgentInstances(selector, 'revoke', 3000)).toBe(1);
    expect(await store.changeRuntimeAgentInstances(selector, 'revoke', 4000)).toBe(0);
    expect(await store.changeRuntimeAgentInstances(selector, 'resume', 4000)).toBe(0);
    expect(await store.changeRuntimeAgentInstances(selector, 'suspend', 4000)).toBe(0);
    expect(await found()).toEqual({ ...instance, revokedAt: 3000 });
  });

  it('are suspended and resumed', async () => {
    const selector = { runtimeAgentInstanceId: id };
    expect(await store.changeRuntimeAgentInstances(selector, 'suspend', 3000)).toBe(1);
    expect(await store.changeRuntimeAgentInstances(selector, 'suspend', 4000)).toBe(0);
    expect(await found()).toEqual({ ...instance, suspendedAt: 3000 });
    expect(await store.changeRuntimeAgentInstances(selector, 'resume', 5000)).toBe(1);
    expect(await store.changeRuntimeAgentInstances(selector, 'resume', 6000)).toBe(0);
    expect(await found()).toEqual(instance);
  });

  it.each([
    ['host', ({ agentHostId }: StoredRuntimeAgentInstance) => ({ agentHostId })],
    ['installation', ({ installationId }: StoredRuntimeAgentInstance) => ({ installationId })],
    ['user', ({ actor }: StoredRuntimeAgentInstance) => ({ userId: actor.userId })],
    [
      'account',
      ({ actor }: StoredRuntimeAgentInstance) =>
        actor.kind === 'chatgpt' ? { accountId: actor.accountId, userId: undefined } : expect.fail(),
    ],
  ])('are revoked together by their %s', async (_what, selectorOf) => {
    const { actor, agentHostId, installationId } = instance;
    const sibling = { ...someInstance(), actor, agentHostId, installationId };
    const stranger = someInstance();
    await store.addRuntimeAgentInstance(sibling);
    await store.addRuntimeAgentInstance(stranger);
    expect(await store.changeRuntimeAgentInstances(selectorOf(instance), 'revoke', 3000)).toBe(2);
    expect(await found()).toMatchObject({ revokedAt: 3000 });
    expect(await store.findRuntimeAgentInstance(sibling.runtimeAgentInstanceId)).toMatchObject({
      revokedAt: 3000,
    });
    expect(await store.findRuntimeAgentInstance(stranger.runtimeAgentInstanceId)).toEqual(stranger);
  });

  it('are revoked by their organization, and an account with that id is another', async () => {
    const organizationId = `org-${id}`;
    const actor = { kind: 'platform', userId: 'user-1', organizationId, projectId: null } as const;
    await store.addRuntimeAgentInstance({ ...someInstance(), actor });
    expect(await store.changeRuntimeAgentInstances({ accountId: organizationId }, 'revoke', 3000)).toBe(0);
    expect(await store.changeRuntimeAgentInstances({ organizationId }, 'revoke', 3000)).toBe(1);
  });

  it.each([[{}], [{ userId: undefined }], [{ user: 'user-1' }], [{ userId: 7 }], [undefined]])(
    'are not changed by the selector %j',
    async (selector) => {
      await expect(
        store.changeRuntimeAgentInstances(selector as never, 'revoke', 3000),
      ).rejects.toMatchObject({ code: 'invalid_argument' });
      expect(await found()).toEqual(instance);
    },
  );

  it('are not found by a selector that no store can hold', async () => {
    expect(await store.changeRuntimeAgentInstances({ userId: '\0' }, 'revoke', 3000)).toBe(0);
    expect((await store.listRuntimeAgentInstances({ userId: '\ud800' })).items).toEqual([]);
  });

  it('are listed newest first, by page and by status', async () => {
    const { actor } = instance;
    const { userId } = actor;
    const rows = [2000, 3000, 4000, 5000].map((at) => ({
      ...someInstance(),
      actor,
      createdAt: at,
      lastSeenAt: at,
    }));
    for (const row of rows) await store.addRuntimeAgentInstance(row);
    const [, revoked, suspended, active] = rows.map((row) => row.runtimeAgentInstanceId);
    await store.changeRuntimeAgentInstances({ runtimeAgentInstanceId: revoked }, 'suspend', 6000);
    await store.changeRuntimeAgentInstances({ runtimeAgentInstanceId: revoked }, 'revoke', 6000);
    await store.changeRuntimeAgentInstances({ runtimeAgentInstanceId: suspended }, 'suspend', 6000);
    const first = await store.listRuntimeAgentInstances({ userId, limit: 3 });
    const second = await store.listRuntimeAgentInstances({
      userId,
      limit: 3,
      cursor: first.nextCursor ?? '',
    });
    expect([...first.items, ...second.items].map(({ createdAt }) => createdAt)).toEqual([
      5000, 4000, 3000, 2000, 1000,
    ]);
    expect(second.nextCursor).toBeNull();
    const idsWith = async (is: 'active' | 'suspended' | 'revoked' | 'expired') => {
      const page = await store.listRuntimeAgentInstances({ userId, status: { is, unusedSince: 2000 } });
      return page.items.map((row) => row.runtimeAgentInstanceId);
    };
    expect(await idsWith('active')).toEqual([active]);
    expect(await idsWith('suspended')).toEqual([suspended]);
    expect(await idsWith('revoked')).toEqual([revoked]);
    expect(await idsWith('expired')).toEqual([rows[0]?.runtimeAgentInstanceId, id]);
  });

  it('refuse a query with an unknown member or status', async () => {
    for (const query of [{ user: 'user-1' }, { status: { is: 'gone', unusedSince: 0 } }]) {
      await expect(store.listRuntimeAgentInstances(query as never)).rejects.toMatchObject({
        code: 'invalid_argument',
      });
    }
  });

  it('appear in the audit log with who changed them, and without digests', async () => {
    const second = someInstance();
    await store.addRuntimeAgentInstance(second, { actor: `host:${second.agentHostId}` });
    expect(await lastEntry()).toMatchObject({
      action: 'runtime_agent_instance_added',
      at: 1000,
      actor: `host:${second.agentHostId}`,
      details: {
        runtime_agent_instance_id: second.runtimeAgentInstanceId,
        agent_host_id: second.agentHostId,
        installation_id: second.installationId,
        public_key: second.publicKeySsh,
        credential_type: 'oauth',
        actor_kind: 'chatgpt',
        user_id: second.actor.userId,
        account_id: second.actor.accountId,
      },
    });
    expect(JSON.stringify(await lastEntry())).not.toContain('digest');
    const { userId } = second.actor;
    await store.changeRuntimeAgentInstances({ userId }, 'suspend', 3000, { actor: 'operator:alice' });
    expect(await lastEntry()).toMatchObject({
      action: 'runtime_agent_instances_suspended',
      at: 3000,
      actor: 'operator:alice',
      details: { user_id: userId, count: 1 },
    });
    const head = await countAuditEntries(store);
    await store.changeRuntimeAgentInstances({ userId }, 'suspend', 4000);
    await store.touchRuntimeAgentInstance(second.runtimeAgentInstanceId, 4000);
    expect(await countAuditEntries(store)).toEqual(head);
  });

  it('report their changes', async () => {
    const changes: StoreChange[] = [];
    onTestFinished(store.subscribe((change) => changes.push(change)));
    await store.changeRuntimeAgentInstances({ runtimeAgentInstanceId: id }, 'revoke', 3000);
    expect(changes).toContainEqual({ kind: 'runtime_agent_instances_changed' });
  });

  it('report their changes to other nodes', async () => {
    if (kind.name !== 'postgres://') return expect(await found()).toEqual(instance);
    const url = await kind.newUrl();
    const [one, other] = [await openedStore(url), await openedStore(url)];
    await one.addRuntimeAgentInstance(instance);
    const change = new Promise((resolve) => {
      onTestFinished(other.subscribe(resolve));
    });
    await one.changeRuntimeAgentInstances({ runtimeAgentInstanceId: id }, 'suspend', 3000);
    expect(await change).toEqual({ kind: 'runtime_agent_instances_changed' });
  });
});
