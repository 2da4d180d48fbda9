import { auditEntryHash } from 'agent-identity-authority-core';
import { openStore } from 'agent-identity-authority-sql';
import fc from 'fast-check';
import { query } from 'test-support/postgres';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { masterKey, openedStore, storeKinds } from '../support/store-kinds.js';

const rows = 12;
const log = 'agent_identity.audit_log';
const head = 'agent_identity.audit_head';

// On a server, where someone else can write to the database while the store is open.
const [kind] = storeKinds().filter(({ name }) => name === 'postgres://');

describe('verifyAuditLog', () => {
  let original: string;
  let url: string;
  beforeAll(async () => {
    original = (await kind?.newUrl()) ?? '';
    const store = await openStore(original, { masterKey });
    for (let i = 1; i <= rows; i += 1) {
      await store.appendAuditEntry({
        at: i,
        actor: 'a',
        action: 'custom_b',
        agentRuntimeId: `r${i}`,
        details: { i },
      });
    }
    await store.close();
  });
  beforeEach(async () => {
    url = (await kind?.copyOf(original)) ?? '';
  });

  async function problemsAfter(...statements: readonly string[]) {
    for (const statement of statements) await query(url, statement);
    const store = await openedStore(url);
    const { intact, problems } = await store.verifyAuditLog();
    expect(intact).toBe(problems.length === 0);
    return problems;
  }

  it('finds no problem in an untouched log', async () => {
    expect(await problemsAfter()).toEqual([]);
  });

  it.each([
    ['at', `at = at + 1`],
    ['actor', `actor = 'b'`],
    ['action', `action = 'c'`],
    ['agent_runtime_id', `agent_runtime_id = 'r8'`],
    ['agent_runtime_id', `agent_runtime_id = null`],
    ['task_id', `task_id = ''`],
    ['details', `details = '{"i":8}'`],
    ['details', `details = '{"i": 7}'`],
    ['details', `details = ''`],
    ['hash', `hash = repeat('0', 64)`],
  ])('finds a changed %s: %s', async (_column, change) => {
    const problems = await problemsAfter(`update ${log} set ${change} where sequence = 7`);
    expect(problems).toContainEqual({ kind: 'changed', sequence: 7 });
  });

  it('finds a row that was replaced by one with a valid hash, at the next row', async () => {
    const store = await openedStore(url);
    const { items } = await store.listAuditEntries();
    const { hash: _, ...seventh } = items[6] ?? Object.assign(expect.fail());
    const forged = auditEntryHash({ ...seventh, actor: 'mallory' });
    expect(
      await problemsAfter(`update ${log} set actor = 'mallory', hash = '${forged}' where sequence = 7`),
    ).toEqual([{ kind: 'misplaced', sequence: 8 }]);
  });

  it('finds a missing row at any position', async () => {
    expect(await problemsAfter(`delete from ${log} where sequence in (1, 5, 6)`)).toEqual([
      { kind: 'missing', sequence: 1 },
      { kind: 'missing', sequence: 5 },
      { kind: 'missing', sequence: 6 },
    ]);
  });

  it('finds a missing row even if the later rows were renumbered', async () => {
    const problems = await problemsAfter(
      `delete from ${log} where sequence = 5`,
      `update ${log} set sequence = -sequence + 1 where sequence > 5`,
      `update ${log} set sequence = -sequence where sequence < 0`,
    );
    expect(problems).toContainEqual({ kind: 'changed', sequence: 5 });
    expect(problems).toContainEqual({ kind: 'cut_off', sequence: rows });
  });

  it('finds rows that were swapped', async () => {
    const problems = await problemsAfter(
      `update ${log} set sequence = -3 where sequence = 3`,
      `update ${log} set sequence = 3 where sequence = 9`,
      `update ${log} set sequence = 9 where sequence = -3`,
    );
    expect(new Set(problems.map(({ sequence }) => sequence))).toEqual(new Set([3, 4, 9, 10]));
  });

  it('finds rows before the first and after the head', async () => {
    const copy = (sequence: number) =>
      `insert into ${log} select ${sequence}, at, actor, action, agent_runtime_id, task_id, details, previous_hash, hash
       from ${log} where sequence = 4`;
    expect(await problemsAfter(copy(0), copy(rows + 1))).toEqual(
      expect.arrayContaining([
        { kind: 'misplaced', sequence: 0 },
        { kind: 'beyond_head', sequence: rows + 1 },
      ]),
    );
  });

  it('finds that the end was cut off if the head was left alone', async () => {
    const problems = await problemsAfter(`delete from ${log} where sequence > 9`);
    expect(problems).toEqual([{ kind: 'cut_off', sequence: 10 }]);
  });

  it('finds a head with another hash', async () => {
    const problems = await problemsAfter(`update ${head} set hash = repeat('0', 64)`);
    expect(problems).toEqual([{ kind: 'rewritten', sequence: rows }]);
  });

  it('finds that the end was cut off together with the head only with a checkpoint', async () => {
    const store = await openedStore(url);
    const checkpoint = await store.auditHead();
    expect(
      await problemsAfter(
        `delete from ${log} where sequence > 9`,
        `update ${head} set sequence = 9, hash = (select hash from ${log} where sequence = 9)`,
      ),
    ).toEqual([]);
    expect((await store.verifyAuditLog(checkpoint)).problems).toEqual([{ kind: 'cut_off', sequence: 10 }]);
  });

  it('finds that the whole log was rewritten only with a checkpoint', async () => {
    const store = await openedStore(url);
    const checkpoint = await store.auditHead();
    const { items } = await store.listAuditEntries();
    let previousHash = '0'.repeat(64);
    const statements = items.map(({ hash: _, ...entry }) => {
      const forged = { ...entry, actor: 'mallory', previousHash };
      previousHash = auditEntryHash(forged);
      return `update ${log} set actor = 'mallory', previous_hash = '${forged.previousHash}', hash = '${previousHash}'
        where sequence = ${entry.sequence}`;
    });
    expect(await problemsAfter(...statements, `update ${head} set hash = '${previousHash}'`)).toEqual([]);
    expect((await store.verifyAuditLog(checkpoint)).problems).toEqual([
      { kind: 'rewritten', sequence: rows },
    ]);
  });

  it('reports at most a hundred problems', async () => {
    const problems = await problemsAfter(`update ${log} set sequence = sequence + 1000000`);
    expect(problems).toHaveLength(100);
  });

  it('succeeds while others write', async () => {
    const store = await openedStore(url);
    const writing = Promise.all(
      Array.from({ length: 40 }, (_, i) => store.appendAuditEntry({ at: i, actor: 'a', action: 'custom_b' })),
    );
    const reports = await Promise.all([1, 2, 3].map(() => store.verifyAuditLog()));
    await writing;
    for (const { problems } of reports) expect(problems).toEqual([]);
    expect(await store.verifyAuditLog()).toMatchObject({ intact: true, entries: rows + 40 });
  });

  it('finds any change of any single value', async () => {
    const store = await openedStore(url);
    const columns = [
      'at',
      'actor',
      'action',
      'agent_runtime_id',
      'task_id',
      'details',
      'previous_hash',
      'hash',
    ];
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...columns),
        fc.integer({ min: 1, max: rows }),
        fc.string({ maxLength: 70 }).filter((text) => text.isWellFormed() && !text.includes('\0')),
        async (column, sequence, text) => {
          const value = column === 'at' ? String(text.length) : text;
          const [old] = await query(url, `select ${column}::text as value from ${log} where sequence = $1`, [
            sequence,
          ]);
          fc.pre(old?.['value'] !== value);
          const cast = column === 'at' ? '::bigint' : '';
          const set = `update ${log} set ${column} = $1${cast} where sequence = $2`;
          await query(url, set, [value, sequence]);
          expect((await store.verifyAuditLog()).intact).toBe(false);
          await query(url, set, [old?.['value'], sequence]);
          expect((await store.verifyAuditLog()).intact).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
  });
});
