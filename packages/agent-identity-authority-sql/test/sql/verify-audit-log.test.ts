import { type AuthorityStore, verifyAuditLog } from 'agent-identity-authority-core';
import { openStore } from 'agent-identity-authority-sql';
import fc from 'fast-check';
import { query } from 'test-support/postgres';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { countAuditEntries, sequence, verified } from '../support/audit-log.js';
import { masterKey, openedStore, storeKinds } from '../support/store-kinds.js';

/** More than one full tile, so that there is a higher level. */
const rows = 300;
const log = 'agent_identity.audit_log';
const pending = 'agent_identity.audit_pending';

// On a server, where someone else can write to the database while the store is open.
const [kind] = storeKinds().filter(({ name }) => name === 'postgres://');

let original: string;
let url: string;
beforeAll(async () => {
  original = (await kind?.newUrl()) ?? '';
  const store = await openStore(original, { masterKey });
  await append(store, rows);
  await sequence(store);
  await store.close();
});
beforeEach(async () => {
  url = (await kind?.copyOf(original)) ?? '';
});

async function append(store: AuthorityStore, count: number): Promise<void> {
  for (let i = 0; i < count; i += 1) {
    await store.appendAuditEntry({
      at: i,
      actor: 'a',
      action: 'custom_b',
      agentRuntimeId: `r${i}`,
      details: { i },
    });
  }
}

async function problemsAfter(...statements: readonly string[]) {
  for (const statement of statements) await query(url, statement);
  const { intact, problems } = await verifyAuditLog(await openedStore(url));
  expect(intact).toBe(problems.length === 0);
  return problems;
}

describe('verifyAuditLog', () => {
  it('finds no problem in an untouched log', async () => {
    expect(await problemsAfter()).toEqual([]);
  });

  it.each([
    ['id', `id = 'x'`],
    ['at', `at = at + 1`],
    ['actor', `actor = 'b'`],
    ['action', `action = 'c'`],
    ['agent_runtime_id', `agent_runtime_id = 'r8'`],
    ['agent_runtime_id', `agent_runtime_id = null`],
    ['task_id', `task_id = ''`],
    ['details', `details = '{"i":8}'`],
    ['details', `details = '{"i": 7}'`],
    ['details', `details = ''`],
  ])('finds a changed %s: %s', async (_column, change) => {
    const problems = await problemsAfter(`update ${log} set ${change} where log_index = 7`);
    expect(problems).toEqual([{ kind: 'changed', index: 7 }]);
  });

  it('finds a missing row at any position', async () => {
    expect(await problemsAfter(`delete from ${log} where log_index in (0, 5, 6, ${rows - 1})`)).toEqual([
      { kind: 'missing', index: 0 },
      { kind: 'missing', index: 5 },
      { kind: 'missing', index: 6 },
      { kind: 'missing', index: rows - 1 },
    ]);
  });

  it('finds a missing row even if the later rows were renumbered', async () => {
    const problems = await problemsAfter(
      `delete from ${log} where log_index = 290`,
      `update ${log} set log_index = -log_index + 1 where log_index > 290`,
      `update ${log} set log_index = -log_index where log_index < 0`,
    );
    expect(problems[0]).toEqual({ kind: 'changed', index: 290 });
    expect(problems.at(-1)).toEqual({ kind: 'missing', index: rows - 1 });
  });

  it('finds rows that were swapped', async () => {
    const problems = await problemsAfter(
      `update ${log} set log_index = -3 where log_index = 3`,
      `update ${log} set log_index = 3 where log_index = 9`,
      `update ${log} set log_index = 9 where log_index = -3`,
    );
    expect(problems).toEqual([
      { kind: 'changed', index: 3 },
      { kind: 'changed', index: 9 },
    ]);
  });

  it('finds a row after the end', async () => {
    const copy = `insert into ${log} select ${rows}, id, at, actor, action, agent_runtime_id, task_id, details
       from ${log} where log_index = 4`;
    expect(await problemsAfter(copy)).toEqual([{ kind: 'added', index: rows }]);
  });

  it('finds a changed row whose leaf hash was changed too, by the signed root', async () => {
    const store = await openedStore(url);
    const forged = 'A'.repeat(43);
    await query(url, `update ${log} set actor = 'mallory' where log_index = 7`);
    await query(
      url,
      `update agent_identity.audit_tiles
        set hashes = overlay(hashes placing '${forged.slice(0, 40)}' from 300) where level = 0 and tile_index = 0`,
    );
    const { problems } = await verifyAuditLog(store);
    expect(problems.map((problem) => problem.kind)).toEqual(
      expect.arrayContaining(['changed', 'tile_changed', 'checkpoint_changed']),
    );
  });

  it('finds a log that was cut back together with its tiles, because nobody can sign the shorter one', async () => {
    const problems = await problemsAfter(
      `delete from ${log} where log_index >= 256`,
      'delete from agent_identity.audit_tiles where level = 0 and tile_index = 1',
      'update agent_identity.audit_checkpoint set size = 256',
    );
    expect(problems).toEqual([{ kind: 'checkpoint_changed', index: 256 }]);
  });

  it('finds an earlier copy of the whole database only with a checkpoint', async () => {
    const store = await openedStore(url);
    await append(store, 3);
    const { checkpoint } = await verified(store);
    const restored = await openedStore((await kind?.copyOf(original)) ?? '');
    expect(await verified(restored)).toMatchObject({ intact: true, entries: rows });
    expect((await verified(restored, checkpoint)).problems).toEqual([{ kind: 'rewritten', index: rows }]);
    await append(restored, 5);
    expect((await verified(restored, checkpoint)).problems).toEqual([{ kind: 'rewritten', index: rows + 3 }]);
  });

  it('refuses a checkpoint that is not of this log', async () => {
    const store = await openedStore(url);
    const other = await openedStore((await kind?.newUrl()) ?? '');
    await append(other, 1);
    const { checkpoint } = await verified(other);
    await expect(verifyAuditLog(store, { checkpoint })).rejects.toMatchObject({ code: 'invalid_checkpoint' });
  });

  it('reports at most a hundred problems', async () => {
    expect(await problemsAfter(`update ${log} set actor = 'b'`)).toHaveLength(100);
  });

  it('succeeds while others write and sequence', async () => {
    const store = await openedStore(url);
    const writing = Promise.all(
      Array.from({ length: 40 }, () => append(store, 1).then(() => sequence(store))),
    );
    const reports = await Promise.all([1, 2, 3].map(() => verifyAuditLog(store)));
    await writing;
    for (const { problems } of reports) expect(problems).toEqual([]);
    expect(await verified(store)).toMatchObject({ intact: true, entries: rows + 40 });
  });

  it('finds any change of any single value', async () => {
    const store = await openedStore(url);
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('id', 'at', 'actor', 'action', 'agent_runtime_id', 'task_id', 'details'),
        fc.integer({ min: 0, max: rows - 1 }),
        fc.string({ maxLength: 70 }).filter((text) => text.isWellFormed() && !text.includes('\0')),
        async (column, index, text) => {
          const value = column === 'at' ? String(text.length) : text;
          const where = 'where log_index = $1';
          const [old] = await query(url, `select ${column}::text as value from ${log} ${where}`, [index]);
          fc.pre(old?.['value'] !== value);
          const cast = column === 'at' ? '::bigint' : '';
          const set = `update ${log} set ${column} = $2${cast} ${where}`;
          await query(url, set, [index, value]);
          expect((await verifyAuditLog(store)).intact).toBe(false);
          await query(url, set, [index, old?.['value']]);
          expect((await verifyAuditLog(store)).intact).toBe(true);
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe('an entry that waits for its place', () => {
  it('is put on record as tampered with if someone changed or added it', async () => {
    const store = await openedStore(url);
    await append(store, 2);
    await query(url, `update ${pending} set actor = 'mallory' where agent_runtime_id = 'r1'`);
    await query(
      url,
      `insert into ${pending} values ('x', 1, 'mallory', 'agent_task_added', null, null, '{}', 'mac')`,
    );
    const { problems } = await verified(store);
    expect(problems.map(({ kind: one }) => one)).toEqual([
      'tampered_while_pending',
      'tampered_while_pending',
    ]);
    const { items } = await store.listAuditEntries({ action: 'audit_entry_tampered' });
    expect(items).toHaveLength(2);
    expect(items.map(({ details }) => details['found_id'])).toContain('x');
  });

  it('is sequenced once by nodes that all try, and the rows of each change are there', async () => {
    const nodes = await Promise.all([1, 2, 3].map(() => openedStore(url)));
    await Promise.all(nodes.map((node) => append(node, 20)));
    await Promise.all(nodes.flatMap((node) => [sequence(node), sequence(node)]));
    const [node = expect.fail()] = nodes;
    expect(await countAuditEntries(node)).toBe(rows + 60);
    expect(await query(url, `select count(*)::int as count from ${pending}`)).toEqual([{ count: 0 }]);
    expect(await verifyAuditLog(node)).toMatchObject({ intact: true, entries: rows + 60 });
  });

  it('gets its place from another node if the one that was at it is gone', async () => {
    const store = await openedStore(url);
    await append(store, 1);
    const failing = store.sequenceAuditEntries(() => {
      throw new Error('this node ends here');
    });
    await expect(failing).rejects.toThrow('this node ends here');
    expect(await verified(await openedStore(url))).toMatchObject({ intact: true, entries: rows + 1 });
  });
});
