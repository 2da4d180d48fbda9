import type {
  AgentRuntimeSelector,
  AuthorityStore,
  ChangeOrigin,
  RuntimeStatus,
  StoreChange,
  StoredAgentRuntime,
  StoredSigningKey,
} from 'agent-identity-authority-core';
import {
  auditLeafHash,
  encodeAuditEntry,
  proveInclusion,
  verifyCheckpoint,
  verifyInclusion,
  verifyLog,
} from 'agent-identity-authority-core/log';
import { storeLogReader } from 'agent-identity-authority-core/store';
import { someRuntime, someTaskOf } from 'test-support';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { countAuditEntries, sequence, verified } from './support/audit-log.js';
import { openedStore, sharedStore, storeKinds } from './support/store-kinds.js';

const signingKey: StoredSigningKey = {
  kid: 'kid-1',
  publicJwk: { kty: 'RSA', n: 'n', e: 'AQAB' },
  privateKey: 'a secret that the store does not read',
  createdAt: 1000,
  activeFrom: 1000,
  publishedUntil: null,
};

/** A runtime with unique ids, and a task of it. */
function unique() {
  const runtime = someRuntime();
  const task = someTaskOf(runtime);
  return { runtime, task, id: runtime.agentRuntimeId, taskId: task.taskId };
}

/** The audit log entries of a runtime, without their positions. */
async function auditOf(store: AuthorityStore, agentRuntimeId: string) {
  await sequence(store);
  const { items } = await store.listAuditEntries({ agentRuntimeId });
  return items.map(({ index: _, id: _id, ...entry }) => entry);
}

/** Collects the notifications of a store until the test is over. */
function changesOf(store: AuthorityStore): readonly StoreChange[] {
  const changes: StoreChange[] = [];
  onTestFinished(store.subscribe((change) => changes.push(change)));
  return changes;
}

/** The contract of every store. */
describe.each(storeKinds())('the store of $name', (kind) => {
  const shared = sharedStore(kind);
  const emptyStore = async () => openedStore(await kind.newUrl());
  let store: AuthorityStore;
  let { runtime, task, id, taskId } = unique();
  beforeEach(async () => {
    store = shared();
    ({ runtime, task, id, taskId } = unique());
    await store.addAgentRuntime(runtime);
  });

  describe('runtimes', () => {
    it('are found unchanged, and only by their own id', async () => {
      expect(await store.findAgentRuntime(id)).toEqual(runtime);
      for (const other of [
        'agent-2',
        id.toUpperCase(),
        `${id} `,
        '',
        '__proto__',
        `${id}\0`,
        `${id}\ud800`,
      ]) {
        expect(await store.findAgentRuntime(other)).toBeUndefined();
      }
    });

    it('keep exactly what clients say about themselves', async () => {
      const second = {
        ...unique().runtime,
        abom: { agent_version: '1\0', agent_harness_id: '\ud800 "\'\\', running_location: '🜁 %s $1' },
        capabilities: ['', '\0', '{}'],
        createdAt: 8_640_000_000_000_000,
        expiresAt: null,
      };
      expect(await store.addAgentRuntime(second)).toEqual(second);
      expect(await store.findAgentRuntime(second.agentRuntimeId)).toEqual(second);
      const without = { ...unique().runtime, abom: null, capabilities: [] };
      await store.addAgentRuntime(without);
      expect(await store.findAgentRuntime(without.agentRuntimeId)).toEqual(without);
    });

    it.each(['agentRuntimeId', 'publicKeySsh', 'accountId', 'chatgptUserId'] as const)(
      'are refused with an unstorable %s',
      async (member) => {
        for (const wrong of ['\0', '\ud800', 'x'.repeat(513), 7 as never]) {
          const added = store.addAgentRuntime({ ...unique().runtime, [member]: wrong });
          await expect(added).rejects.toMatchObject({
            code: 'invalid_argument',
            message: expect.stringContaining(member),
          });
        }
      },
    );

    it.each([
      [undefined],
      ['text'],
      [{}],
      [{ ...someRuntime(), capabilities: 'responsesapi' }],
      [{ ...someRuntime(), abom: 7 }],
      [{ ...someRuntime(), createdAt: '2026-04-23' }],
      [{ ...someRuntime(), expiresAt: undefined }],
    ])('are refused if they have the wrong kind: %j', async (wrong) => {
      const before = await countAuditEntries(store);
      await expect(store.addAgentRuntime(wrong as never)).rejects.toMatchObject({ code: 'invalid_argument' });
      expect(await countAuditEntries(store)).toEqual(before);
    });

    it('are one for each key: adding a second one changes nothing and returns the first', async () => {
      const second = { ...unique().runtime, publicKeySsh: runtime.publicKeySsh };
      expect(await store.addAgentRuntime(second)).toEqual(runtime);
      expect(await store.findAgentRuntime(second.agentRuntimeId)).toBeUndefined();
    });

    it('are one for each key even if many are added at once', async () => {
      const { publicKeySsh } = unique().runtime;
      const added = await Promise.all(
        Array.from({ length: 12 }, () => store.addAgentRuntime({ ...unique().runtime, publicKeySsh })),
      );
      expect(new Set(added.map(({ agentRuntimeId }) => agentRuntimeId)).size).toBe(1);
    });

    it('are one for each key even after the revocation', async () => {
      await store.revokeAgentRuntime(id, 3000);
      const second = { ...unique().runtime, publicKeySsh: runtime.publicKeySsh };
      expect(await store.addAgentRuntime(second)).toEqual({ ...runtime, revokedAt: 3000 });
    });

    it('are revoked once, and keep the first time', async () => {
      expect(await store.revokeAgentRuntime(id, 3000)).toBe(true);
      expect(await store.revokeAgentRuntime(id, 4000)).toBe(true);
      expect(await store.findAgentRuntime(id)).toEqual({ ...runtime, revokedAt: 3000 });
      for (const other of ['agent-2', `${id}\0`])
        expect(await store.revokeAgentRuntime(other, 3000)).toBe(false);
    });
  });

  describe('a list of runtimes', () => {
    /** Adds runtimes of one account with these times, in this order. */
    async function added(times: readonly number[]): Promise<StoredAgentRuntime[]> {
      const runtimes = times.map((createdAt) => ({
        ...unique().runtime,
        accountId: runtime.accountId,
        createdAt,
      }));
      for (const one of runtimes) await store.addAgentRuntime(one);
      return [runtime, ...runtimes];
    }

    it('has the newest first, and sorts runtimes of the same time by id', async () => {
      const runtimes = await added([3000, 2000, 2000, 2000]);
      const { items, nextCursor } = await store.listAgentRuntimes({ accountId: runtime.accountId });
      const expected = runtimes.toSorted(
        (one, other) =>
          other.createdAt - one.createdAt || (one.agentRuntimeId < other.agentRuntimeId ? 1 : -1),
      );
      expect(items).toEqual(expected);
      expect(nextCursor).toBeNull();
    });

    it('has stable pages while runtimes are added', async () => {
      const runtimes = await added([2000, 2000, 2000, 3000]);
      const { accountId } = runtime;
      const seen: string[] = [];
      let cursor: string | undefined;
      const sizes = [];
      do {
        const page = await store.listAgentRuntimes({ accountId, limit: 2, cursor });
        seen.push(...page.items.map(({ agentRuntimeId }) => agentRuntimeId));
        sizes.push(page.items.length);
        cursor = page.nextCursor ?? undefined;
        await store.addAgentRuntime({ ...unique().runtime, accountId, createdAt: 9000 });
      } while (cursor !== undefined);
      expect(sizes).toEqual([2, 2, 1]);
      expect(seen.toSorted()).toEqual(runtimes.map(({ agentRuntimeId }) => agentRuntimeId).toSorted());
    });

    it('can be filtered by account', async () => {
      const other = unique().runtime;
      await store.addAgentRuntime({ ...other, createdAt: 5_000_000 });
      expect((await store.listAgentRuntimes({ accountId: runtime.accountId })).items).toEqual([runtime]);
      expect((await store.listAgentRuntimes({ accountId: 'of nobody' })).items).toEqual([]);
      expect((await store.listAgentRuntimes({ accountId: '\0' })).items).toEqual([]);
      const ids = (await store.listAgentRuntimes({ limit: 1000 })).items.map((one) => one.agentRuntimeId);
      expect(ids).toContain(id);
      expect(ids).toContain(other.agentRuntimeId);
    });

    it('can be filtered, counted and revoked by account, user, labels and age', async () => {
      const { accountId } = runtime;
      const one = { ...unique().runtime, accountId, chatgptUserId: 'user-2', createdAt: 5000 };
      const other = {
        ...unique().runtime,
        accountId,
        labels: { team: 'search', env: '{"a":"%_\\' },
        createdAt: 6000,
      };
      await store.addAgentRuntime(one);
      await store.addAgentRuntime(other);
      const selectors: [AgentRuntimeSelector, string[]][] = [
        [{ accountId }, [other.agentRuntimeId, one.agentRuntimeId, id]],
        [{ accountId, chatgptUserId: 'user-2' }, [one.agentRuntimeId]],
        [{ accountId, labels: { env: '{"a":"%_\\' } }, [other.agentRuntimeId]],
        [{ accountId, labels: { team: 'search', env: 'x' } }, []],
        [{ accountId, createdBefore: 6000 }, [one.agentRuntimeId, id]],
        [{ accountId, chatgptUserId: '\0' }, []],
      ];
      for (const [selector, expected] of selectors) {
        const { items } = await store.listAgentRuntimes(selector);
        expect(items.map(({ agentRuntimeId }) => agentRuntimeId)).toEqual(expected);
        expect(await store.countAgentRuntimes(selector)).toBe(expected.length);
      }
      await store.revokeAgentRuntime(id, 7000);
      expect(await store.revokeAgentRuntimes({ accountId }, 3, 8000)).toBe(2);
      expect(await store.countAgentRuntimes({ accountId })).toBe(2);
      expect(await store.revokeAgentRuntimes({ accountId }, 2, 8000, { actor: 'operator:alice' })).toBe(2);
      expect(await store.findAgentRuntime(one.agentRuntimeId)).toMatchObject({ revokedAt: 8000 });
      expect(await store.findAgentRuntime(id)).toMatchObject({ revokedAt: 7000 });
      await sequence(store);
      const entries = (await store.listAuditEntries({ agentRuntimeId: other.agentRuntimeId })).items;
      expect(entries.at(-1)).toMatchObject({
        action: 'agent_runtime_revoked',
        at: 8000,
        actor: 'operator:alice',
      });
    });

    it('are listed, counted and revoked by several accounts', async () => {
      const other = { ...unique().runtime, labels: { batch: id } };
      const third = { ...unique().runtime, labels: { batch: id } };
      for (const one of [other, third]) await store.addAgentRuntime(one);
      const accountIds = [runtime.accountId, other.accountId];
      const page = await store.listAgentRuntimes({ accountIds });
      expect(page.items.map((one) => one.agentRuntimeId).sort()).toEqual([id, other.agentRuntimeId].sort());
      expect((await store.listAgentRuntimes({ accountIds, accountId: third.accountId })).items).toEqual([]);
      for (const none of [[], ['\0'], ['of nobody']]) {
        expect((await store.listAgentRuntimes({ accountIds: none })).items).toEqual([]);
        expect(await store.countAgentRuntimes({ accountIds: none })).toBe(0);
      }
      expect(await store.countAgentRuntimes({ accountIds, labels: { batch: id } })).toBe(1);
      expect(await store.revokeAgentRuntimes({ accountIds, labels: { batch: id } }, 1, 9000)).toBe(1);
      expect(await store.findAgentRuntime(other.agentRuntimeId)).toMatchObject({ revokedAt: 9000 });
      expect(await store.findAgentRuntime(third.agentRuntimeId)).toMatchObject({ revokedAt: null });
    });

    it('are revoked in hundreds, each with its entry, and the listeners learn of it', async () => {
      const { accountId } = runtime;
      const labels = { batch: id };
      const many = Array.from({ length: 120 }, () => ({ ...unique().runtime, accountId, labels }));
      await Promise.all(many.map((one) => store.addAgentRuntime(one)));
      const heard: StoreChange[] = [];
      onTestFinished(store.subscribe((change) => heard.push(change)));
      expect(await store.revokeAgentRuntimes({ labels }, 120, 9000)).toBe(120);
      const { agentRuntimeId: last = '' } = many.at(-1) ?? {};
      expect(await store.findAgentRuntime(last)).toMatchObject({ revokedAt: 9000 });
      const isTold = (one: string) =>
        heard.some(
          (change) =>
            change.kind === 'anything_may_have_changed' ||
            (change.kind === 'agent_runtime_changed' && change.agentRuntimeId === one),
        );
      expect(many.filter(({ agentRuntimeId }) => !isTold(agentRuntimeId))).toEqual([]);
      await sequence(store);
      for (const { agentRuntimeId } of many.slice(0, 3)) {
        const { items } = await store.listAuditEntries({ agentRuntimeId });
        expect(items.at(-1)).toMatchObject({ action: 'agent_runtime_revoked', at: 9000 });
      }
    });

    it.each([
      [{}, 'selector'],
      [{ labels: {} }, 'selector'],
      [{ accountId: 7 }, 'selector.accountId'],
      [{ accountIds: 'a' }, 'selector.accountIds'],
      [{ createdBefore: 'now' }, 'selector.createdBefore'],
      [{ acountId: 'a' }, 'did you mean "accountId"'],
    ])('are not revoked by the selector %j', async (selector, message) => {
      const refusal = { code: 'invalid_argument', message: expect.stringContaining(message) };
      await expect(store.countAgentRuntimes(selector as never)).rejects.toMatchObject(refusal);
      await expect(store.revokeAgentRuntimes(selector as never, 0, 1)).rejects.toMatchObject(refusal);
    });

    it('are suspended and resumed, with an entry for each change and none for a repeat', async () => {
      expect(await store.suspendAgentRuntime(id, 3000, { actor: 'operator:alice' })).toBe(true);
      expect(await store.suspendAgentRuntime(id, 3500)).toBe(true);
      expect(await store.findAgentRuntime(id)).toEqual({ ...runtime, suspendedAt: 3000 });
      expect(await store.addAgentTask(task)).toBeUndefined();
      expect(await store.resumeAgentRuntime(id, 4000)).toBe(true);
      expect(await store.resumeAgentRuntime(id, 4500)).toBe(true);
      expect(await store.findAgentRuntime(id)).toEqual(runtime);
      expect(await store.addAgentTask(task)).toEqual(task);
      await store.revokeAgentRuntime(id, 5000);
      expect(await store.suspendAgentRuntime(id, 6000)).toBe(true);
      expect(await store.findAgentRuntime(id)).toEqual({ ...runtime, revokedAt: 5000 });
      for (const unknown of ['agent-of-nobody', '\0']) {
        expect(await store.suspendAgentRuntime(unknown, 1)).toBe(false);
        expect(await store.resumeAgentRuntime(unknown, 1)).toBe(false);
      }
      await sequence(store);
      const { items } = await store.listAuditEntries({ agentRuntimeId: id, order: 'oldest_first' });
      expect(items.map(({ action, at, actor }) => [action, at, actor])).toEqual([
        ['agent_runtime_added', runtime.createdAt, 'authority'],
        ['agent_runtime_suspended', 3000, 'operator:alice'],
        ['agent_runtime_resumed', 4000, 'authority'],
        ['agent_task_added', task.createdAt, `agent:${id}`],
        ['agent_runtime_revoked', 5000, 'authority'],
      ]);
    });

    it.each([
      ['name', 'x'.repeat(256)],
      ['owner', '\0'],
      ['labels', { 'two words': 'x' }],
      ['labels', { team: 'x'.repeat(256) }],
      ['labels', { team: '\ud800' }],
      ['labels', Object.fromEntries(Array.from({ length: 33 }, (_, i) => [`k${i}`, '']))],
      ['labels', ['team']],
      ['suspendedAt', 1.5],
    ])('are refused with an unstorable %s', async (member, value) => {
      const wrong = { ...unique().runtime, [member]: value } as never;
      await expect(store.addAgentRuntime(wrong)).rejects.toMatchObject({
        code: 'invalid_argument',
        message: expect.stringContaining(member),
      });
    });

    it('can be filtered by status at a time', async () => {
      const { accountId } = runtime;
      const endless = { ...unique().runtime, accountId, expiresAt: null };
      const revoked = { ...unique().runtime, accountId, revokedAt: null };
      await store.addAgentRuntime(endless);
      await store.addAgentRuntime(revoked);
      await store.revokeAgentRuntime(revoked.agentRuntimeId, 3000);
      const suspended = { ...unique().runtime, accountId };
      await store.addAgentRuntime(suspended);
      await store.suspendAgentRuntime(suspended.agentRuntimeId, 3000);
      const idsOf = async (is: RuntimeStatus, at: number) =>
        (await store.listAgentRuntimes({ accountId, status: { is, at } })).items.map(
          ({ agentRuntimeId }) => agentRuntimeId,
        );
      expect((await idsOf('active', 60_999)).toSorted()).toEqual([id, endless.agentRuntimeId].toSorted());
      expect(await idsOf('expired', 60_999)).toEqual([]);
      expect(await idsOf('active', 61_000)).toEqual([endless.agentRuntimeId]);
      expect(await idsOf('suspended', 60_999)).toEqual([suspended.agentRuntimeId]);
      expect(await idsOf('suspended', 61_000)).toEqual([]);
      expect((await idsOf('expired', 61_000)).toSorted()).toEqual([id, suspended.agentRuntimeId].toSorted());
      expect(await idsOf('revoked', 61_000)).toEqual([revoked.agentRuntimeId]);
    });

    it.each(['', 'x', 'bnVsbA', 'WzFd', 'WyJhIiwiYiJd', 'WzEuNSwiYSJd', 'WzEsIlx1MDAwMCJd'])(
      'refuses an invalid cursor: "%s"',
      async (cursor) => {
        await expect(store.listAgentRuntimes({ cursor })).rejects.toMatchObject({ code: 'invalid_cursor' });
        await expect(store.listAgentTasks(id, { cursor })).rejects.toMatchObject({ code: 'invalid_cursor' });
      },
    );

    it.each([
      [{ acountId: 'a' }, 'did you mean "accountId"?'],
      [{ status: { is: 'live', at: 1 } }, 'active, suspended, revoked, expired'],
      [{ status: { is: 'active' } }, 'query.status.at'],
    ])('refuses the invalid query %j', async (query, message) => {
      await expect(store.listAgentRuntimes(query as never)).rejects.toMatchObject({
        code: 'invalid_argument',
        message: expect.stringContaining(message),
      });
    });

    it.each([0, 1001, 1.5, Number.NaN])('refuses a page of %s rows', async (limit) => {
      const refusal = { code: 'invalid_argument', message: expect.stringContaining('limit') };
      await expect(store.listAgentRuntimes({ limit })).rejects.toMatchObject(refusal);
      await expect(store.listAgentTasks(id, { limit })).rejects.toMatchObject(refusal);
      await expect(store.listAuditEntries({ limit })).rejects.toMatchObject(refusal);
    });
  });

  describe('tasks', () => {
    it('are found unchanged, and only under their own runtime', async () => {
      const other = unique();
      await store.addAgentRuntime(other.runtime);
      expect(await store.addAgentTask(task)).toEqual(task);
      expect(await store.findAgentTask(id, taskId)).toEqual(task);
      expect(await store.findAgentTask(other.id, taskId)).toBeUndefined();
      expect(await store.findAgentTask(id, 'task-2')).toBeUndefined();
      expect(await store.findAgentTask(id, `${taskId}\0`)).toBeUndefined();
    });

    it.each(['taskId', 'agentRuntimeId', 'registrationTimestamp', 'registrationSignature'] as const)(
      'are refused with an unstorable %s',
      async (member) => {
        await expect(store.addAgentTask({ ...task, [member]: '\0' })).rejects.toMatchObject({
          code: 'invalid_argument',
          message: expect.stringContaining(member),
        });
      },
    );

    it.each([[undefined], [{}], [{ ...someTaskOf(someRuntime()), lastSeenAt: null }]])(
      'are refused if they have the wrong kind: %j',
      async (wrong) => {
        await expect(store.addAgentTask(wrong as never)).rejects.toMatchObject({ code: 'invalid_argument' });
      },
    );

    it('are one for each registration, even if many are added at once', async () => {
      const added = await Promise.all(
        Array.from({ length: 12 }, () => store.addAgentTask({ ...task, taskId: unique().taskId })),
      );
      expect(new Set(added.map((one) => one?.taskId)).size).toBe(1);
      expect((await store.listAgentTasks(id)).items).toHaveLength(1);
    });

    it('differ for different registrations', async () => {
      await store.addAgentTask(task);
      const later = { ...task, taskId: unique().taskId, registrationTimestamp: '2026-04-23T00:00:01Z' };
      const otherwise = { ...task, taskId: unique().taskId, registrationSignature: 'YW5vdGhlcg==' };
      expect(await store.addAgentTask(later)).toEqual(later);
      expect(await store.addAgentTask(otherwise)).toEqual(otherwise);
    });

    it('differ for the same registration of different runtimes', async () => {
      const other = unique();
      await store.addAgentRuntime(other.runtime);
      await store.addAgentTask(task);
      expect(await store.addAgentTask(other.task)).toEqual(other.task);
    });

    it('are replaced by a new one of the same registration after a revocation', async () => {
      await store.addAgentTask(task);
      expect(await store.revokeAgentTask(id, taskId, 3000)).toBe(true);
      const second = { ...task, taskId: unique().taskId };
      expect(await store.addAgentTask(second)).toEqual(second);
      expect(await store.addAgentTask({ ...task, taskId: unique().taskId })).toEqual(second);
      expect(await store.findAgentTask(id, taskId)).toEqual({ ...task, revokedAt: 3000 });
    });

    it('are revoked once, and only under their own runtime', async () => {
      await store.addAgentTask(task);
      expect(await store.revokeAgentTask('agent-2', taskId, 3000)).toBe(false);
      expect(await store.revokeAgentTask(id, 'task-2', 3000)).toBe(false);
      expect(await store.revokeAgentTask(id, `${taskId}\0`, 3000)).toBe(false);
      expect(await store.revokeAgentTask(id, taskId, 3000)).toBe(true);
      expect(await store.revokeAgentTask(id, taskId, 4000)).toBe(true);
      expect(await store.findAgentTask(id, taskId)).toMatchObject({ revokedAt: 3000 });
    });

    it('are not added to an unknown or revoked runtime', async () => {
      expect(await store.addAgentTask(unique().task)).toBeUndefined();
      await store.revokeAgentRuntime(id, 3000);
      expect(await store.addAgentTask(task)).toBeUndefined();
      expect(await store.findAgentTask(id, taskId)).toBeUndefined();
    });

    it('are not added after the revocation of their runtime, and each has an entry in the audit log', async () => {
      const tasks = Array.from({ length: 8 }, (_, i) => ({
        ...task,
        taskId: unique().taskId,
        registrationSignature: `signature ${i}`,
      }));
      const adding = tasks.map((one) => store.addAgentTask(one));
      await store.revokeAgentRuntime(id, 3000);
      await Promise.all(adding);
      expect(await store.addAgentTask({ ...task, registrationSignature: 'later' })).toBeUndefined();
      // A task that is added at the same moment may stay: it is refused when it is verified.
      expect(await auditOf(store, id)).toHaveLength((await store.listAgentTasks(id)).items.length + 2);
    });

    it('are the same for the same registration, even if it comes often at once', async () => {
      const same = Array.from({ length: 12 }, () => ({ ...task, taskId: unique().taskId }));
      const added = await Promise.all(same.map((one) => store.addAgentTask(one)));
      expect(new Set(added.map((one) => one?.taskId)).size).toBe(1);
      expect((await store.listAgentTasks(id)).items).toHaveLength(1);
    });

    it('of several runtimes at once get an answer each: added, existing, or none', async () => {
      const other = unique();
      await store.addAgentRuntime(other.runtime);
      const [first, second] = [await store.addAgentTask(task), { ...other.task, taskId: unique().taskId }];
      const repeat = { ...task, taskId: unique().taskId };
      const unknown = { ...task, agentRuntimeId: unique().id, taskId: unique().taskId };
      const all = [repeat, second, unknown].map((one) => store.addAgentTask(one));
      expect(await Promise.all(all)).toEqual([first, second, undefined]);
    });

    it('are listed in pages, newest first, including revoked ones', async () => {
      const tasks = [];
      for (const createdAt of [5000, 4000, 4000]) {
        const one = { ...task, taskId: unique().taskId, createdAt, registrationSignature: unique().id };
        tasks.push(await store.addAgentTask(one));
      }
      await store.revokeAgentTask(id, tasks[0]?.taskId ?? '', 6000);
      const first = await store.listAgentTasks(id, { limit: 2 });
      expect(first.items.map(({ createdAt, revokedAt }) => [createdAt, revokedAt])).toEqual([
        [5000, 6000],
        [4000, null],
      ]);
      const { items, nextCursor } = await store.listAgentTasks(id, {
        limit: 2,
        cursor: first.nextCursor ?? '',
      });
      expect(new Set([...first.items, ...items].map((one) => one.taskId)).size).toBe(3);
      expect(nextCursor).toBeNull();
      expect(await store.listAgentTasks('agent-2')).toEqual({ items: [], nextCursor: null });
      expect(await store.listAgentTasks('\0')).toEqual({ items: [], nextCursor: null });
    });

    it('are touched forward and never back, without an audit log row', async () => {
      await store.addAgentTask(task);
      const before = await auditOf(store, id);
      await store.touchAgentTask(id, taskId, 5000);
      await store.touchAgentTask(id, taskId, 4000);
      expect(await store.findAgentTask(id, taskId)).toEqual({ ...task, lastSeenAt: 5000 });
      await store.touchAgentTask('agent-2', taskId, 6000);
      await store.touchAgentTask(id, '\0', 6000);
      expect(await store.findAgentTask(id, taskId)).toEqual({ ...task, lastSeenAt: 5000 });
      expect(await auditOf(store, id)).toEqual(before);
    });
  });

  describe('signing keys', () => {
    it.each([
      [undefined],
      [{}],
      [{ ...signingKey, publicJwk: 'jwk' }],
      [{ ...signingKey, activeFrom: null }],
    ])('are refused if they have the wrong kind: %j', async (wrong) => {
      for (const added of [
        store.addFirstSigningKey(wrong as never),
        store.rotateSigningKey(wrong as never, 1),
      ]) {
        await expect(added).rejects.toMatchObject({ code: 'invalid_argument' });
      }
    });

    it('have one first key, even if many are added at once', async () => {
      const empty = await emptyStore();
      expect(await empty.listSigningKeys()).toEqual([]);
      await Promise.all(
        ['kid-1', 'kid-2', 'kid-3'].map((kid) => empty.addFirstSigningKey({ ...signingKey, kid })),
      );
      expect(await empty.listSigningKeys()).toHaveLength(1);
      expect(await countAuditEntries(empty)).toBe(1);
    });

    it('are listed oldest first, and end when the next one says, or earlier', async () => {
      const empty = await emptyStore();
      const kidsAndEnds = async () =>
        (await empty.listSigningKeys()).map(({ kid, publishedUntil }) => [kid, publishedUntil]);
      await empty.addFirstSigningKey(signingKey);
      expect(await empty.listSigningKeys()).toEqual([signingKey]);
      await empty.rotateSigningKey({ ...signingKey, kid: 'kid-2' }, 9000);
      expect(await kidsAndEnds()).toEqual([
        ['kid-1', 9000],
        ['kid-2', null],
      ]);
      await empty.rotateSigningKey({ ...signingKey, kid: 'kid-3' }, 10_000);
      await empty.rotateSigningKey({ ...signingKey, kid: 'kid-4' }, 8000);
      const expected = [
        ['kid-1', 8000],
        ['kid-2', 8000],
        ['kid-3', 8000],
        ['kid-4', null],
      ];
      expect(await kidsAndEnds()).toEqual(expected);
      await empty.rotateSigningKey({ ...signingKey, kid: 'kid-4' }, 7000);
      expect(await kidsAndEnds()).toEqual(expected);
      expect(await empty.retireSigningKey('kid-4', 7000, 5000)).toBe('in_use');
      expect(await empty.retireSigningKey('kid-9', 7000, 5000)).toBe('unknown');
      expect(await empty.retireSigningKey('kid-2', 7000, 5000)).toBe('retired');
      expect(await empty.retireSigningKey('kid-2', 7500, 5000)).toBe('retired');
      expect(await kidsAndEnds()).toEqual(expected.with(1, ['kid-2', 7000]));
      await sequence(empty);
      const { items } = await empty.listAuditEntries();
      expect(items.map(({ action, at, details }) => [action, at, details])).toEqual([
        ['signing_key_added', 1000, { kid: 'kid-1', active_from: 1000, others_published_until: null }],
        ['signing_key_added', 1000, { kid: 'kid-2', active_from: 1000, others_published_until: 9000 }],
        ['signing_key_added', 1000, { kid: 'kid-3', active_from: 1000, others_published_until: 10_000 }],
        ['signing_key_added', 1000, { kid: 'kid-4', active_from: 1000, others_published_until: 8000 }],
        ['signing_key_retired', 5000, { kid: 'kid-2', published_until: 7000 }],
      ]);
    });
  });

  describe('the audit log', () => {
    it('records an account and a user of 512 characters each as the actor', async () => {
      const added = { ...unique().runtime, accountId: 'a'.repeat(512), chatgptUserId: 'u'.repeat(512) };
      const actor = `account:${added.accountId}/${added.chatgptUserId}`;
      await store.addAgentRuntime(added, { actor });
      expect(await auditOf(store, added.agentRuntimeId)).toMatchObject([{ actor }]);
    });

    it('has a row for each change, with its origin', async () => {
      const origin = { actor: 'operator:alice', details: { request: 'r-1', account_id: 'not hers' } };
      await store.addAgentTask(task);
      await store.revokeAgentTask(id, taskId, 3000, origin);
      await store.revokeAgentRuntime(id, 4000, origin);
      const about = { agentRuntimeId: id, taskId: null };
      const details = { request: 'r-1', account_id: 'not hers' };
      expect(await auditOf(store, id)).toEqual([
        {
          ...about,
          at: 1000,
          actor: 'authority',
          action: 'agent_runtime_added',
          details: {
            account_id: runtime.accountId,
            chatgpt_user_id: 'user-1',
            expires_at: 61_000,
            name: 'builder',
            owner: 'team-search',
            public_key: runtime.publicKeySsh,
          },
        },
        {
          agentRuntimeId: id,
          taskId,
          at: 2000,
          actor: `agent:${id}`,
          action: 'agent_task_added',
          details: { registration_timestamp: task.registrationTimestamp },
        },
        { ...about, taskId, at: 3000, actor: 'operator:alice', action: 'agent_task_revoked', details },
        { ...about, at: 4000, actor: 'operator:alice', action: 'agent_runtime_revoked', details },
      ]);
    });

    it('prefers the facts of the change to the details of its origin', async () => {
      const second = unique().runtime;
      await store.addAgentRuntime(second, { actor: 'account:a', details: { account_id: 'x', more: true } });
      expect(await auditOf(store, second.agentRuntimeId)).toMatchObject([
        { actor: 'account:a', details: { account_id: second.accountId, more: true } },
      ]);
    });

    it('has no row for calls that change nothing', async () => {
      await store.addAgentTask(task);
      await store.revokeAgentTask(id, taskId, 3000);
      await store.revokeAgentRuntime(id, 3000);
      const before = await auditOf(store, id);
      await store.addAgentRuntime({ ...unique().runtime, publicKeySsh: runtime.publicKeySsh });
      await store.addAgentTask(task);
      await store.revokeAgentTask(id, taskId, 4000);
      await store.revokeAgentRuntime(id, 4000);
      expect(await auditOf(store, id)).toEqual(before);
      expect(before).toHaveLength(4);
    });

    it.each([
      ['actor', { actor: '\0' }],
      ['did you mean "details"?', { actor: 'a', detail: { x: 1 } } as ChangeOrigin],
      ['details.x', { actor: 'a', details: { x: 0.5 } }],
      ['details.x', { actor: 'a', details: { x: {} as never } }],
      ['details.x', { actor: 'a', details: { x: 'x'.repeat(4097) } }],
    ])('prevents a change whose row it cannot store: %s', async (member, origin) => {
      const second = unique().runtime;
      await expect(store.addAgentRuntime(second, origin)).rejects.toMatchObject({
        code: 'invalid_argument',
        message: expect.stringContaining(member),
      });
      await expect(store.revokeAgentRuntime(id, 3000, origin)).rejects.toMatchObject({
        code: 'invalid_argument',
      });
      expect(await store.findAgentRuntime(second.agentRuntimeId)).toBeUndefined();
      expect(await store.findAgentRuntime(id)).toEqual(runtime);
    });

    it('accepts custom entries, if they are well formed', async () => {
      const entry = {
        at: 7000,
        actor: 'operator:alice',
        action: 'custom_log_read',
        agentRuntimeId: id,
        details: { b: 1, a: '\ud800\0"', 10: true, 9: null },
      } as const;
      await store.appendAuditEntry(entry);
      expect((await auditOf(store, id)).at(-1)).toEqual({ ...entry, taskId: null });
      for (const wrong of [
        { action: 'read_it' as never },
        { action: 'custom_Read it' as const },
        { at: 0.5 },
        { taskId: '\0' },
        { agentRuntimeId: '\ud800' },
      ]) {
        const appended = store.appendAuditEntry({ at: 1, actor: 'a', action: 'custom_b', ...wrong });
        await expect(appended).rejects.toMatchObject({ code: 'invalid_argument' });
      }
    });

    it.each([
      [{ acton: 'custom_b' }, 'did you mean "action"?'],
      [{ action: 'agent_runtime_revokd' }, 'query.action'],
      [{ order: 'newest' }, 'query.order'],
    ])('refuses the invalid query %j', async (query, message) => {
      await expect(store.listAuditEntries(query as never)).rejects.toMatchObject({
        code: 'invalid_argument',
        message: expect.stringContaining(message),
      });
    });

    it('is a Merkle tree with a signed checkpoint that anyone can recompute', async () => {
      const empty = await emptyStore();
      expect(await empty.auditCheckpoint()).toBeUndefined();
      await Promise.all(Array.from({ length: 9 }, () => empty.addAgentRuntime(unique().runtime)));
      const { intact, entries, checkpoint = '', verifierKey = '' } = await verified(empty);
      expect({ intact, entries }).toEqual({ intact: true, entries: 9 });
      const { items } = await empty.listAuditEntries();
      expect(items.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
      const { size, rootHash } = verifyCheckpoint(checkpoint, verifierKey);
      const { readTile } = storeLogReader(empty);
      for (const entry of items) {
        const proof = await proveInclusion(entry.index, size, readTile);
        const leafHash = auditLeafHash(encodeAuditEntry(entry));
        verifyInclusion({ leafHash, index: entry.index, checkpoint: { size, rootHash }, proof });
      }
      await empty.appendAuditEntry({ at: 1, actor: 'a', action: 'custom_b' });
      expect(await verified(empty, checkpoint)).toMatchObject({ intact: true, entries: 10 });
      expect(
        await verifyLog(storeLogReader(empty), { verifierKey, earlierCheckpoint: checkpoint }),
      ).toMatchObject({
        size: 10,
      });
    });

    it('keeps its tree when entries are pruned, and says what was removed', async () => {
      const empty = await emptyStore();
      for (let at = 0; at < 300; at += 1)
        await empty.appendAuditEntry({ at, actor: 'a', action: 'custom_b' });
      await sequence(empty);
      await expect(empty.pruneAuditEntries(301, 1)).rejects.toMatchObject({ code: 'invalid_argument' });
      expect(await empty.pruneAuditEntries(260, 1, { actor: 'operator:alice' })).toBe(260);
      expect(await verified(empty)).toMatchObject({ intact: true, entries: 41, problems: [] });
      const { items } = await empty.listAuditEntries({ action: 'audit_log_pruned' });
      expect(items).toMatchObject([{ index: 300, actor: 'operator:alice', details: { below: 260 } }]);
    });

    it('is listed in pages in both orders, and by runtime and action', async () => {
      const empty = await emptyStore();
      for (const name of ['one', 'two', 'three', 'four', 'five']) {
        await empty.appendAuditEntry({
          at: 1,
          actor: 'a',
          action: `custom_${name}`,
          agentRuntimeId: name.slice(0, 1),
        });
      }
      await sequence(empty);
      const pagesOf = async (query: Parameters<AuthorityStore['listAuditEntries']>[0]) => {
        const pages = [];
        let cursor: string | undefined;
        do {
          const page = await empty.listAuditEntries({ limit: 2, cursor, ...query });
          pages.push(page.items.map(({ action }) => action.slice('custom_'.length)));
          cursor = page.nextCursor ?? undefined;
        } while (cursor !== undefined);
        return pages;
      };
      expect(await pagesOf({})).toEqual([['one', 'two'], ['three', 'four'], ['five']]);
      expect(await pagesOf({ order: 'newest_first' })).toEqual([['five', 'four'], ['three', 'two'], ['one']]);
      expect(await pagesOf({ agentRuntimeId: 'f' })).toEqual([['four', 'five']]);
      expect(await pagesOf({ action: 'custom_two' })).toEqual([['two']]);
      expect(await pagesOf({ action: 'custom_six' })).toEqual([[]]);
    });
  });

  describe('a subscription', () => {
    it('reports revocations and signing keys, once each, after the change', async () => {
      const empty = await emptyStore();
      await empty.addAgentRuntime(runtime);
      await empty.addAgentTask(task);
      const seen: unknown[] = [];
      const heard = changesOf(empty);
      empty.subscribe(async () => seen.push((await empty.findAgentRuntime(id))?.revokedAt));
      await empty.revokeAgentTask(id, taskId, 3000);
      await empty.revokeAgentTask(id, taskId, 3000);
      await empty.revokeAgentRuntime(id, 4000);
      await empty.addFirstSigningKey(signingKey);
      await empty.rotateSigningKey({ ...signingKey, kid: 'kid-2' }, 9000);
      // On a server, nodes receive their own changes a second time.
      expect(
        [...new Set(heard.map((change) => JSON.stringify(change)))].map((text) => JSON.parse(text)),
      ).toEqual([
        { kind: 'agent_task_revoked', agentRuntimeId: id, taskId },
        { kind: 'agent_runtime_changed', agentRuntimeId: id },
        { kind: 'signing_keys_changed' },
      ]);
      await empty.ping();
      expect(seen).toContain(4000);
    });

    it('can end, and its exceptions affect nobody else', async () => {
      const heard: string[] = [];
      const end = store.subscribe(() => heard.push('ended'));
      onTestFinished(
        store.subscribe(() => {
          throw new Error('a listener that fails');
        }),
      );
      onTestFinished(store.subscribe(() => heard.push('last')));
      end();
      await store.revokeAgentRuntime(id, 3000);
      expect(new Set(heard)).toEqual(new Set(['last']));
    });
  });

  it('answers a ping, and can be closed twice', async () => {
    const empty = await emptyStore();
    await empty.ping();
    await empty.close();
    await empty.close();
  });
});
