import { describe, expect, it } from 'vitest';
import { sequence } from './support/audit-log.js';
import { openedStore, storeKinds } from './support/store-kinds.js';

/** The contract of every store, as far as it is for those that follow the audit log. */
describe.each(storeKinds())('the audit log of $name', (kind) => {
  const open = async () => openedStore(await kind.newUrl());
  const entry = (action: 'custom_a' | 'custom_b') => ({ at: 1000, actor: 'operator:alice', action });

  it('tells its size, and which entry is next to get a place', async () => {
    const store = await open();
    expect(await store.auditLogPosition()).toEqual({ size: 0, nextWaiting: undefined });
    await store.appendAuditEntry(entry('custom_a'));
    const { size, nextWaiting } = await store.auditLogPosition();
    expect([size, typeof nextWaiting]).toEqual([0, 'string']);
    await store.appendAuditEntry(entry('custom_b'));
    expect(await store.auditLogPosition()).toEqual({ size: 0, nextWaiting });
    await sequence(store);
    expect(await store.auditLogPosition()).toEqual({ size: 2, nextWaiting: undefined });
    expect((await store.readAuditRows(0, 1))[0]?.id).toBe(nextWaiting);
  });

  it('reads the rows of some actions, from an index on and up to a limit', async () => {
    const store = await open();
    for (const action of ['custom_a', 'custom_b', 'custom_a', 'custom_b', 'custom_a'] as const) {
      await store.appendAuditEntry(entry(action));
    }
    await sequence(store);
    const indexes = async (...[first, limit, actions]: Parameters<typeof store.readAuditRows>) =>
      (await store.readAuditRows(first, limit, actions)).map(({ index }) => index);
    expect(await indexes(0, 10)).toEqual([0, 1, 2, 3, 4]);
    expect(await indexes(1, 10, ['custom_a'])).toEqual([2, 4]);
    expect(await indexes(0, 2, ['custom_a', 'custom_b'])).toEqual([0, 1]);
    expect(await indexes(0, 10, ['agent_runtime_revoked'])).toEqual([]);
    await store.pruneAuditEntries(3, 2000);
    expect(await indexes(0, 10)).toEqual([3, 4]);
    expect(await indexes(4, 10)).toEqual([4]);
  });
});
