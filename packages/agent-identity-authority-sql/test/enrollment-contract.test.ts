import { randomUUID } from 'node:crypto';
import type { AuthorityStore, StoredEnrollmentToken } from 'agent-identity-authority-core';
import { someRuntime, someEnrollmentToken as someToken } from 'test-support';
import { beforeEach, describe, expect, it } from 'vitest';
import { sequence } from './support/audit-log.js';
import { openedStore, sharedStore, storeKinds } from './support/store-kinds.js';

/** A runtime that is added at 2000. */
const newRuntime = () => ({ ...someRuntime(), createdAt: 2000 });

/** The actions, actors and details of the latest entries, oldest first. */
async function latestEntries(store: AuthorityStore, count: number) {
  await sequence(store);
  const { items } = await store.listAuditEntries({ order: 'newest_first', limit: count });
  return items.map(({ action, actor, details }) => ({ action, actor, details })).toReversed();
}

/** The contract of every store. */
describe.each(storeKinds())('enrollment tokens in the store of $name', (kind) => {
  const shared = sharedStore(kind);
  let store: AuthorityStore;
  let token = someToken();
  beforeEach(async () => {
    store = shared();
    token = someToken();
    await store.addEnrollmentToken(token, { actor: 'operator:alice' });
  });

  it('are found by their digest, and not without it', async () => {
    expect(await store.findEnrollmentToken(token.tokenDigest)).toEqual(token);
    for (const digest of [someToken().tokenDigest, '', token.enrollmentTokenId]) {
      expect(await store.findEnrollmentToken(digest)).toBeUndefined();
    }
  });

  it('are found by their id, in any status', async () => {
    expect(await store.findEnrollmentTokenById(token.enrollmentTokenId)).toEqual(token);
    await store.revokeEnrollmentToken(token.enrollmentTokenId, 3000);
    expect(await store.findEnrollmentTokenById(token.enrollmentTokenId)).toEqual({
      ...token,
      revokedAt: 3000,
    });
    for (const id of [token.tokenDigest, '', 'enrollment-\0']) {
      expect(await store.findEnrollmentTokenById(id)).toBeUndefined();
    }
  });

  it('are listed by account, page by page', async () => {
    const accountIds: string[] = [randomUUID(), randomUUID()];
    const tokens = [accountIds[0], accountIds[1], randomUUID()].map((accountId = '', i) => {
      const added = someToken();
      return { ...added, account: { ...added.account, accountId }, createdAt: 1000 + i };
    });
    for (const added of tokens) await store.addEnrollmentToken(added);
    const first = await store.listEnrollmentTokens({ accountIds, limit: 1 });
    expect(first.items).toEqual([tokens[1]]);
    const cursor = first.nextCursor ?? undefined;
    expect(await store.listEnrollmentTokens({ accountIds, limit: 1, cursor })).toEqual({
      items: [tokens[0]],
      nextCursor: null,
    });
    for (const none of [[], ['\0'], [randomUUID()]]) {
      expect((await store.listEnrollmentTokens({ accountIds: none })).items).toEqual([]);
    }
    await expect(store.listEnrollmentTokens({ accountIds: 'a' as never })).rejects.toMatchObject({
      code: 'invalid_argument',
    });
  });

  it('are in the audit log, without the digest', async () => {
    expect(await latestEntries(store, 1)).toEqual([
      {
        action: 'enrollment_token_added',
        actor: 'operator:alice',
        details: {
          enrollment_token_id: token.enrollmentTokenId,
          account_id: 'account-1',
          chatgpt_user_id: 'user "1" 🜁',
          capabilities: 'repository:read',
          expires_at: 61_000,
        },
      },
    ]);
  });

  it.each([
    [{ tokenDigest: 'A'.repeat(64) }, 'tokenDigest'],
    [{ enrollmentTokenId: '\0' }, 'enrollmentTokenId'],
    [{ account: { accountId: 'a b' } }, 'account'],
    [{ expiresAt: 1.5 }, 'expiresAt'],
    [{ usedAt: 1 }, 'unused'],
  ])('are refused with %j', async (change, message) => {
    const added = store.addEnrollmentToken({ ...someToken(), ...change } as StoredEnrollmentToken);
    await expect(added).rejects.toMatchObject({
      code: 'invalid_argument',
      message: expect.stringContaining(message),
    });
  });

  it('register one agent', async () => {
    const runtime = newRuntime();
    const { enrollmentTokenId } = token;
    const origin = { actor: `enrollment:${enrollmentTokenId}` };
    expect(await store.addEnrolledAgentRuntime(runtime, enrollmentTokenId, origin)).toEqual(runtime);
    expect(await store.findEnrollmentToken(token.tokenDigest)).toEqual({
      ...token,
      usedAt: 2000,
      agentRuntimeId: runtime.agentRuntimeId,
    });
    expect(await latestEntries(store, 1)).toMatchObject([{ action: 'agent_runtime_added', ...origin }]);
    const other = newRuntime();
    expect(await store.addEnrolledAgentRuntime(other, enrollmentTokenId)).toBeUndefined();
    expect(await store.findAgentRuntime(other.agentRuntimeId)).toBeUndefined();
  });

  it('give the agent that used them its runtime again', async () => {
    const runtime = newRuntime();
    await store.addEnrolledAgentRuntime(runtime, token.enrollmentTokenId);
    const repeated = { ...runtime, agentRuntimeId: newRuntime().agentRuntimeId };
    expect(await store.addEnrolledAgentRuntime(repeated, token.enrollmentTokenId)).toEqual(runtime);
  });

  it('are not used for a key that is known already', async () => {
    const runtime = newRuntime();
    await store.addAgentRuntime(runtime);
    const repeated = { ...runtime, agentRuntimeId: newRuntime().agentRuntimeId };
    expect(await store.addEnrolledAgentRuntime(repeated, token.enrollmentTokenId)).toEqual(runtime);
    expect(await store.findEnrollmentToken(token.tokenDigest)).toEqual(token);
  });

  it('register one of ten agents that come at once', async () => {
    const runtimes = Array.from({ length: 10 }, newRuntime);
    const added = await Promise.all(
      runtimes.map((runtime) => store.addEnrolledAgentRuntime(runtime, token.enrollmentTokenId)),
    );
    const winners = added.filter((runtime) => runtime !== undefined);
    expect(winners).toHaveLength(1);
    const found = await Promise.all(
      runtimes.map(({ agentRuntimeId }) => store.findAgentRuntime(agentRuntimeId)),
    );
    expect(found.filter((runtime) => runtime !== undefined)).toEqual(winners);
  });

  it('register nobody once they are expired, revoked or unknown', async () => {
    const { enrollmentTokenId } = token;
    const late = { ...newRuntime(), createdAt: 61_000 };
    expect(await store.addEnrolledAgentRuntime(late, enrollmentTokenId)).toBeUndefined();
    expect(await store.addEnrolledAgentRuntime(newRuntime(), 'enrollment-of-nobody')).toBeUndefined();
    await store.revokeEnrollmentToken(enrollmentTokenId, 1500);
    expect(await store.addEnrolledAgentRuntime(newRuntime(), enrollmentTokenId)).toBeUndefined();
    expect(await store.findAgentRuntime(late.agentRuntimeId)).toBeUndefined();
  });

  it('are revoked once, and the agent stays', async () => {
    const runtime = newRuntime();
    const { enrollmentTokenId } = token;
    await store.addEnrolledAgentRuntime(runtime, enrollmentTokenId);
    const revoked = await store.revokeEnrollmentToken(enrollmentTokenId, 3000, { actor: 'operator:bob' });
    expect(revoked).toMatchObject({ enrollmentTokenId, usedAt: 2000, revokedAt: 3000 });
    expect(await store.revokeEnrollmentToken(enrollmentTokenId, 4000)).toEqual(revoked);
    expect(await latestEntries(store, 1)).toEqual([
      {
        action: 'enrollment_token_revoked',
        actor: 'operator:bob',
        details: { enrollment_token_id: enrollmentTokenId },
      },
    ]);
    expect(await store.findAgentRuntime(runtime.agentRuntimeId)).toMatchObject({ revokedAt: null });
    for (const id of ['enrollment-of-nobody', '\0']) {
      expect(await store.revokeEnrollmentToken(id, 4000)).toBeUndefined();
    }
  });

  it('are listed page by page, newest first', async () => {
    const empty = await openedStore(await kind.newUrl());
    const tokens = [1, 2, 3].map((createdAt) => ({ ...someToken(), createdAt }));
    for (const each of tokens) await empty.addEnrollmentToken(each);
    const first = await empty.listEnrollmentTokens({ limit: 2 });
    expect(first.items).toEqual([tokens[2], tokens[1]]);
    const second = await empty.listEnrollmentTokens({ limit: 2, cursor: first.nextCursor ?? undefined });
    expect(second).toEqual({ items: [tokens[0]], nextCursor: null });
    await expect(empty.listEnrollmentTokens({ status: 'used' } as never)).rejects.toMatchObject({
      code: 'invalid_argument',
    });
  });
});
