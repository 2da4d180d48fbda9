import type { AuthorityStore, StoredAgentRuntime } from 'agent-identity-authority-core';
import { generateAgentKey } from 'agent-identity-core';
import { someRuntime, someTaskOf, someEnrollmentToken as someToken } from 'test-support';
import { beforeEach, describe, expect, it } from 'vitest';
import { sequence } from './support/audit-log.js';
import { sharedStore, storeKinds } from './support/store-kinds.js';

const childOf = (parent: StoredAgentRuntime): StoredAgentRuntime => ({
  ...someRuntime(),
  lineage: [...parent.lineage, parent.agentRuntimeId],
});

/** The contract of every store. */
describe.each(storeKinds())('the lineage of runtimes in the store of $name', (kind) => {
  const shared = sharedStore(kind);
  let store: AuthorityStore;
  let root: StoredAgentRuntime;
  let child: StoredAgentRuntime;
  let grandchild: StoredAgentRuntime;
  let stranger: StoredAgentRuntime;

  beforeEach(async () => {
    store = shared();
    root = await store.addAgentRuntime(someRuntime());
    stranger = await store.addAgentRuntime(someRuntime());
    child = childOf(root);
    await store.addChildAgentRuntime(child, { actor: `agent:${root.agentRuntimeId}` });
    grandchild = childOf(child);
    await store.addChildAgentRuntime(grandchild);
  });

  /** When each of the family is suspended and revoked. */
  async function statuses() {
    const rows = [];
    for (const { agentRuntimeId } of [root, child, grandchild, stranger]) {
      const row = await store.findAgentRuntime(agentRuntimeId);
      rows.push([row?.suspendedAt, row?.revokedAt]);
    }
    return rows;
  }

  it('is kept', async () => {
    expect(await store.findAgentRuntime(grandchild.agentRuntimeId)).toEqual(grandchild);
    const { items } = await store.listAgentRuntimes({ limit: 10 });
    expect(items.find(({ agentRuntimeId }) => agentRuntimeId === child.agentRuntimeId)).toEqual(child);
  });

  it('is revoked along with a runtime, once, and the audit log tells through which', async () => {
    const changes: string[] = [];
    const unsubscribe = store.subscribe((change) => {
      if ('agentRuntimeId' in change) changes.push(change.agentRuntimeId);
    });
    await store.revokeAgentRuntime(grandchild.agentRuntimeId, 3000);
    await store.revokeAgentRuntime(root.agentRuntimeId, 4000, { actor: 'operator:alice' });
    unsubscribe();
    expect(await statuses()).toEqual([
      [null, 4000],
      [null, 4000],
      [null, 3000],
      [null, null],
    ]);
    // Postgres tells of a change twice: after the commit, and by its notification.
    expect([...new Set(changes)]).toEqual([
      grandchild.agentRuntimeId,
      root.agentRuntimeId,
      child.agentRuntimeId,
    ]);
    await sequence(store);
    const { items } = await store.listAuditEntries({ order: 'newest_first', limit: 2 });
    const entries = new Map(items.map((entry) => [entry.agentRuntimeId, entry]));
    expect(entries.get(child.agentRuntimeId)).toMatchObject({
      action: 'agent_runtime_revoked',
      actor: 'operator:alice',
      details: { through: root.agentRuntimeId },
    });
    expect(entries.get(root.agentRuntimeId)?.details).toEqual({});
  });

  it('is left alone where it has expired for longer than clocks may differ', async () => {
    await store.revokeAgentRuntime(root.agentRuntimeId, 61_000 + 3_600_000);
    expect(await store.findAgentRuntime(child.agentRuntimeId)).toMatchObject({ revokedAt: null });
    const other = await store.addAgentRuntime(someRuntime());
    const its = childOf(other);
    await store.addChildAgentRuntime(its);
    await store.revokeAgentRuntime(other.agentRuntimeId, 61_000 + 3_599_999);
    expect(await store.findAgentRuntime(its.agentRuntimeId)).toMatchObject({ revokedAt: 3_660_999 });
  });

  it('is suspended and resumed along with a runtime, but for those that are suspended by themselves', async () => {
    await store.suspendAgentRuntime(child.agentRuntimeId, 2000);
    await store.suspendAgentRuntime(root.agentRuntimeId, 3000);
    expect(await statuses()).toEqual([
      [3000, null],
      [2000, null],
      [2000, null],
      [null, null],
    ]);
    await store.resumeAgentRuntime(root.agentRuntimeId, 4000);
    expect(await statuses()).toEqual([
      [null, null],
      [2000, null],
      [2000, null],
      [null, null],
    ]);
    await store.suspendAgentRuntime(root.agentRuntimeId, 5000);
    await store.resumeAgentRuntime(child.agentRuntimeId, 6000);
    expect(await statuses()).toEqual([
      [5000, null],
      [5000, null],
      [5000, null],
      [null, null],
    ]);
    await store.resumeAgentRuntime(root.agentRuntimeId, 7000);
    expect((await statuses()).flat()).toEqual(Array.from({ length: 8 }, () => null));
  });

  it('is revoked along with runtimes that a selector fits', async () => {
    const accountId = `account-${root.agentRuntimeId}`;
    const one = await store.addAgentRuntime({ ...someRuntime(), accountId });
    const its = childOf(one);
    await store.addChildAgentRuntime(its);
    expect(await store.revokeAgentRuntimes({ accountId }, 1, 9000)).toBe(1);
    expect(await store.findAgentRuntime(its.agentRuntimeId)).toMatchObject({ revokedAt: 9000 });
    expect(await store.findAgentRuntime(child.agentRuntimeId)).toMatchObject({ revokedAt: null });
  });

  it('gets no tasks while one of it may not act', async () => {
    await store.suspendAgentRuntime(root.agentRuntimeId, 2000);
    const task = {
      agentRuntimeId: grandchild.agentRuntimeId,
      taskId: `task-${grandchild.agentRuntimeId}`,
      registrationTimestamp: '2026-04-23T00:00:00Z',
      registrationSignature: 'signature',
      createdAt: 3000,
      lastSeenAt: 3000,
      revokedAt: null,
    };
    expect(await store.addAgentTask(task)).toBeUndefined();
    await store.resumeAgentRuntime(root.agentRuntimeId, 4000);
    expect(await store.addAgentTask(task)).toEqual(task);
  });

  it('grows no more when one of it is suspended, revoked, expired or unknown', async () => {
    const suspended = await store.addAgentRuntime(someRuntime());
    await store.suspendAgentRuntime(suspended.agentRuntimeId, 2000);
    const revoked = await store.addAgentRuntime(someRuntime());
    await store.revokeAgentRuntime(revoked.agentRuntimeId, 2000);
    const expired = await store.addAgentRuntime({ ...someRuntime(), expiresAt: 1 });
    for (const parent of [suspended, revoked, expired, someRuntime()]) {
      const refused = childOf(parent);
      expect(await store.addChildAgentRuntime(refused)).toBeUndefined();
      expect(await store.findAgentRuntime(refused.agentRuntimeId)).toBeUndefined();
    }
  });

  it('has no member that is active after its root was revoked, however the two are timed', async () => {
    for (let round = 0; round < 20; round += 1) {
      const parent = await store.addAgentRuntime(someRuntime());
      const late = childOf(parent);
      const [added] = await Promise.all([
        store.addChildAgentRuntime(late),
        store.revokeAgentRuntime(parent.agentRuntimeId, 5000),
      ]);
      const found = await store.findAgentRuntime(late.agentRuntimeId);
      if (added === undefined) expect(found).toBeUndefined();
      else expect(found).toMatchObject({ revokedAt: 5000 });
    }
  });

  it('is counted without those that cannot act any more', async () => {
    const count = (at: number) => store.countDescendants(root.agentRuntimeId, at);
    expect(await count(2000)).toBe(2);
    expect(await store.countDescendants(child.agentRuntimeId, 2000)).toBe(1);
    expect(await count(60_999)).toBe(2);
    expect(await count(61_000)).toBe(0);
    await store.revokeAgentRuntime(child.agentRuntimeId, 3000);
    expect(await count(4000)).toBe(0);
    expect(await store.countDescendants('agent-0', 1)).toBe(0);
  });

  it('returns the runtime of a known key, and refuses a lineage that is too long', async () => {
    expect(await store.addChildAgentRuntime({ ...childOf(root), publicKeySsh: child.publicKeySsh })).toEqual(
      child,
    );
    const lineage = ['agent-1', 'agent-2', 'agent-3', 'agent-4', 'agent-5'];
    await expect(store.addChildAgentRuntime({ ...someRuntime(), lineage })).rejects.toMatchObject({
      code: 'invalid_argument',
    });
  });

  it('keeps its suspensions right through any sequence of changes', async () => {
    const family = [root, child, grandchild];
    const own = new Map<string, number>();
    let seed = 7;
    const next = (below: number) => {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      return Math.floor((seed / 2147483648) * below);
    };
    for (let step = 0; step < 60; step += 1) {
      const id = family[next(3)]?.agentRuntimeId ?? '';
      if (next(2) === 0) {
        await store.suspendAgentRuntime(id, 10_000 + step);
        if (!own.has(id)) own.set(id, 10_000 + step);
      } else {
        await store.resumeAgentRuntime(id, 10_000 + step);
        own.delete(id);
      }
      const expected = family.map(({ agentRuntimeId, lineage }) => {
        const times = [...lineage, agentRuntimeId].flatMap((member) => own.get(member) ?? []);
        return times.length === 0 ? null : Math.min(...times);
      });
      expect((await statuses()).slice(0, 3).map(([suspendedAt]) => suspendedAt)).toEqual(expected);
    }
  });

  describe('changeAgentRuntimeKey', () => {
    const to = generateAgentKey().publicKey.ssh;

    it('changes the key, ends the tasks on request, and logs both', async () => {
      const task = {
        agentRuntimeId: root.agentRuntimeId,
        taskId: `task-${root.agentRuntimeId}`,
        registrationTimestamp: '2026-04-23T00:00:00Z',
        registrationSignature: 'signature',
        createdAt: 3000,
        lastSeenAt: 3000,
        revokedAt: null,
      };
      await store.addAgentTask(task);
      const middle = generateAgentKey().publicKey.ssh;
      const kept = { from: root.publicKeySsh, to: middle, endTasks: false };
      expect(await store.changeAgentRuntimeKey(root.agentRuntimeId, kept, 4000)).toEqual({
        ...root,
        publicKeySsh: middle,
      });
      expect(await store.findAgentTask(root.agentRuntimeId, task.taskId)).toEqual(task);
      await store.changeAgentRuntimeKey(root.agentRuntimeId, { from: middle, to, endTasks: true }, 5000);
      expect(await store.findAgentRuntime(root.agentRuntimeId)).toEqual({ ...root, publicKeySsh: to });
      expect(await store.findAgentTask(root.agentRuntimeId, task.taskId)).toEqual({
        ...task,
        revokedAt: 5000,
      });
      await sequence(store);
      const { items } = await store.listAuditEntries({ order: 'newest_first', limit: 2 });
      expect(items.map(({ action }) => action)).toEqual(
        expect.arrayContaining(['agent_runtime_key_changed', 'agent_task_revoked']),
      );
    });

    it('leaves the replaced key to its runtime forever: nobody registers it, and nobody changes to it', async () => {
      const { agentRuntimeId, publicKeySsh: from } = child;
      const to = generateAgentKey().publicKey.ssh;
      await store.changeAgentRuntimeKey(agentRuntimeId, { from, to, endTasks: false }, 4000);
      const changed = { ...child, publicKeySsh: to };
      expect(await store.addAgentRuntime({ ...someRuntime(), publicKeySsh: from })).toEqual(changed);
      expect(await store.addChildAgentRuntime({ ...childOf(root), publicKeySsh: from })).toEqual(changed);
      const token = someToken();
      await store.addEnrollmentToken(token);
      const enrolled = { ...someRuntime(), createdAt: 2000, publicKeySsh: from };
      await store.addEnrolledAgentRuntime(enrolled, token.enrollmentTokenId);
      expect(await store.findAgentRuntime(enrolled.agentRuntimeId)).toBeUndefined();
      const back = { from: to, to: from, endTasks: false };
      expect(await store.changeAgentRuntimeKey(agentRuntimeId, back, 5000)).toEqual(changed);
      const other = { from: stranger.publicKeySsh, to: from, endTasks: false };
      expect(await store.changeAgentRuntimeKey(stranger.agentRuntimeId, other, 5000)).toEqual(stranger);
      expect(await store.findAgentRuntime(agentRuntimeId)).toEqual(changed);
    });

    it('ends the tasks also if only the repeat says so', async () => {
      const task = { ...someTaskOf(root), createdAt: 3000 };
      await store.addAgentTask(task);
      const { agentRuntimeId, publicKeySsh: from } = root;
      const change = { from, to: generateAgentKey().publicKey.ssh, endTasks: false };
      await store.changeAgentRuntimeKey(agentRuntimeId, change, 4000);
      await store.changeAgentRuntimeKey(agentRuntimeId, { ...change, endTasks: true }, 5000);
      expect(await store.findAgentTask(agentRuntimeId, task.taskId)).toEqual({ ...task, revokedAt: 5000 });
    });

    it('gives a key to one of two runtimes that change to it at once', async () => {
      const to = generateAgentKey().publicKey.ssh;
      const changed = await Promise.all(
        [root, stranger].map((runtime) =>
          store.changeAgentRuntimeKey(
            runtime.agentRuntimeId,
            { from: runtime.publicKeySsh, to, endTasks: false },
            4000,
          ),
        ),
      );
      expect(changed.filter((runtime) => runtime?.publicKeySsh === to)).toHaveLength(1);
    });

    it('changes nothing for another old key, a taken key, a revoked or an unknown runtime', async () => {
      const { agentRuntimeId, publicKeySsh: from } = stranger;
      const free = generateAgentKey().publicKey.ssh;
      const wrong = { from: child.publicKeySsh, to: free, endTasks: true };
      expect(await store.changeAgentRuntimeKey(agentRuntimeId, wrong, 4000)).toEqual(stranger);
      const taken = { from, to: child.publicKeySsh, endTasks: true };
      expect(await store.changeAgentRuntimeKey(agentRuntimeId, taken, 4000)).toEqual(stranger);
      expect(
        await store.changeAgentRuntimeKey('agent-0', { from, to: free, endTasks: true }, 1),
      ).toBeUndefined();
      await store.revokeAgentRuntime(agentRuntimeId, 5000);
      const late = { from, to: free, endTasks: true };
      expect(await store.changeAgentRuntimeKey(agentRuntimeId, late, 6000)).toMatchObject({
        publicKeySsh: from,
      });
    });
  });
});
