import {
  type AuthorityStore,
  openStore,
  type StoredAgentRuntime,
  type StoredAgentTask,
  type StoredSigningKey,
} from 'agent-identity-authority';
import { describe, expect, it } from 'vitest';

const runtime: StoredAgentRuntime = {
  agentRuntimeId: 'agent-1',
  publicKeySsh: 'ssh-ed25519 AAAA1',
  accountId: 'account-1',
  chatgptUserId: 'user-1',
  abom: { agent_version: '1', agent_harness_id: 'codex-cli', running_location: 'cli-linux' },
  capabilities: ['responsesapi'],
  createdAt: 1000,
  expiresAt: 61_000,
  revokedAt: null,
};

const task: StoredAgentTask = {
  taskId: 'task-1',
  agentRuntimeId: 'agent-1',
  registrationTimestamp: '2026-04-23T00:00:00Z',
  registrationSignature: 'c2lnbmF0dXJl',
  createdAt: 2000,
  lastSeenAt: 2000,
  revokedAt: null,
};

const signingKey: StoredSigningKey = {
  kid: 'kid-1',
  publicJwk: { kty: 'RSA', n: 'n', e: 'AQAB' },
  privateKey: 'a secret that the store does not read',
  createdAt: 1000,
  activeFrom: 1000,
  publishedUntil: null,
};

/** What every store must do, whatever it keeps things in. */
describe.each(['memory:'])('the store of %s', (url) => {
  async function storeWithRuntime(): Promise<AuthorityStore> {
    const store = await openStore(url);
    await store.addAgentRuntime(runtime);
    return store;
  }

  describe('runtimes', () => {
    it('are found as they were added, and only by their own id', async () => {
      const store = await storeWithRuntime();
      expect(await store.findAgentRuntime('agent-1')).toEqual(runtime);
      for (const id of ['agent-2', 'AGENT-1', 'agent-1 ', '', '__proto__']) {
        expect(await store.findAgentRuntime(id)).toBeUndefined();
      }
    });

    it('are one for a key: a second adding changes nothing and gives the first', async () => {
      const store = await storeWithRuntime();
      const second = { ...runtime, agentRuntimeId: 'agent-2', accountId: 'account-2' };
      expect(await store.addAgentRuntime(second)).toEqual(runtime);
      expect(await store.findAgentRuntime('agent-2')).toBeUndefined();
    });

    it('are one for a key also when many come at once', async () => {
      const store = await openStore(url);
      const added = await Promise.all(
        ['agent-1', 'agent-2', 'agent-3', 'agent-4'].map((agentRuntimeId) =>
          store.addAgentRuntime({ ...runtime, agentRuntimeId }),
        ),
      );
      expect(new Set(added.map(({ agentRuntimeId }) => agentRuntimeId)).size).toBe(1);
    });

    it('are one for a key also after the revocation', async () => {
      const store = await storeWithRuntime();
      await store.revokeAgentRuntime('agent-1', 3000);
      expect(await store.addAgentRuntime({ ...runtime, agentRuntimeId: 'agent-2' })).toEqual({
        ...runtime,
        revokedAt: 3000,
      });
    });

    it('are revoked once: the first time stands', async () => {
      const store = await storeWithRuntime();
      expect(await store.revokeAgentRuntime('agent-1', 3000)).toBe(true);
      expect(await store.revokeAgentRuntime('agent-1', 4000)).toBe(true);
      expect(await store.findAgentRuntime('agent-1')).toEqual({ ...runtime, revokedAt: 3000 });
      expect(await store.revokeAgentRuntime('agent-2', 3000)).toBe(false);
    });
  });

  describe('tasks', () => {
    it('are found as they were added, and only under their own runtime', async () => {
      const store = await storeWithRuntime();
      await store.addAgentRuntime({ ...runtime, agentRuntimeId: 'agent-2', publicKeySsh: 'another' });
      expect(await store.addAgentTask(task)).toEqual(task);
      expect(await store.findAgentTask('agent-1', 'task-1')).toEqual(task);
      expect(await store.findAgentTask('agent-2', 'task-1')).toBeUndefined();
      expect(await store.findAgentTask('agent-1', 'task-2')).toBeUndefined();
    });

    it('are one for a registration, also when many come at once', async () => {
      const store = await storeWithRuntime();
      const added = await Promise.all(
        ['task-1', 'task-2', 'task-3', 'task-4'].map((taskId) => store.addAgentTask({ ...task, taskId })),
      );
      expect(new Set(added.map((one) => one?.taskId)).size).toBe(1);
    });

    it('are several for several registrations', async () => {
      const store = await storeWithRuntime();
      await store.addAgentTask(task);
      const later = { ...task, taskId: 'task-2', registrationTimestamp: '2026-04-23T00:00:01Z' };
      const otherwise = { ...task, taskId: 'task-3', registrationSignature: 'YW5vdGhlcg==' };
      expect(await store.addAgentTask(later)).toEqual(later);
      expect(await store.addAgentTask(otherwise)).toEqual(otherwise);
    });

    it('are several for the same registration of several runtimes', async () => {
      const store = await storeWithRuntime();
      await store.addAgentRuntime({ ...runtime, agentRuntimeId: 'agent-2', publicKeySsh: 'another' });
      await store.addAgentTask(task);
      const second = { ...task, taskId: 'task-2', agentRuntimeId: 'agent-2' };
      expect(await store.addAgentTask(second)).toEqual(second);
    });

    it('give way to a new one of the same registration once they are revoked', async () => {
      const store = await storeWithRuntime();
      await store.addAgentTask(task);
      expect(await store.revokeAgentTask('agent-1', 'task-1', 3000)).toBe(true);
      const second = { ...task, taskId: 'task-2' };
      expect(await store.addAgentTask(second)).toEqual(second);
      expect(await store.addAgentTask({ ...task, taskId: 'task-3' })).toEqual(second);
      expect(await store.findAgentTask('agent-1', 'task-1')).toEqual({ ...task, revokedAt: 3000 });
    });

    it('are revoked once, and only under their own runtime', async () => {
      const store = await storeWithRuntime();
      await store.addAgentTask(task);
      expect(await store.revokeAgentTask('agent-2', 'task-1', 3000)).toBe(false);
      expect(await store.revokeAgentTask('agent-1', 'task-2', 3000)).toBe(false);
      expect(await store.revokeAgentTask('agent-1', 'task-1', 3000)).toBe(true);
      expect(await store.revokeAgentTask('agent-1', 'task-1', 4000)).toBe(true);
      expect(await store.findAgentTask('agent-1', 'task-1')).toMatchObject({ revokedAt: 3000 });
    });

    it('are not added to a runtime that is unknown or revoked', async () => {
      const store = await storeWithRuntime();
      expect(await store.addAgentTask({ ...task, agentRuntimeId: 'agent-2' })).toBeUndefined();
      await store.revokeAgentRuntime('agent-1', 3000);
      expect(await store.addAgentTask(task)).toBeUndefined();
      expect(await store.findAgentTask('agent-1', 'task-1')).toBeUndefined();
    });
  });

  describe('signing keys', () => {
    it('have one first, also when many come at once', async () => {
      const store = await openStore(url);
      expect(await store.listSigningKeys()).toEqual([]);
      await Promise.all(
        ['kid-1', 'kid-2', 'kid-3'].map((kid) => store.addFirstSigningKey({ ...signingKey, kid })),
      );
      expect(await store.listSigningKeys()).toHaveLength(1);
    });

    it('come oldest first, and end when the next one says, or sooner', async () => {
      const store = await openStore(url);
      const kidsAndEnds = async () =>
        (await store.listSigningKeys()).map(({ kid, publishedUntil }) => [kid, publishedUntil]);
      await store.addFirstSigningKey(signingKey);
      expect(await store.listSigningKeys()).toEqual([signingKey]);
      await store.rotateSigningKey({ ...signingKey, kid: 'kid-2', createdAt: 2000 }, 9000);
      expect(await kidsAndEnds()).toEqual([
        ['kid-1', 9000],
        ['kid-2', null],
      ]);
      await store.rotateSigningKey({ ...signingKey, kid: 'kid-3', createdAt: 3000 }, 10_000);
      await store.rotateSigningKey({ ...signingKey, kid: 'kid-4', createdAt: 4000 }, 8000);
      expect(await kidsAndEnds()).toEqual([
        ['kid-1', 8000],
        ['kid-2', 8000],
        ['kid-3', 8000],
        ['kid-4', null],
      ]);
    });
  });
});
