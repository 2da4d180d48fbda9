import { mkdtemp, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openStore } from 'agent-identity-authority-sql';
import { someRuntime } from 'test-support';
import { expect, inject, it, onTestFinished } from 'vitest';
import { openPgliteDatabase } from '../../dist/pglite/pglite-database.js';
import { masterKey, newPgliteFolder } from '../support/store-kinds.js';

it('the first opening reports that it creates the folder, and later ones do not', async () => {
  const folder = join(await mkdtemp(join(inject('runFolder'), 'first-')), 'store');
  const filesWhenReported: string[][] = [];
  const reports: Promise<void>[] = [];
  const onCreate = () => {
    reports.push(readdir(folder).then((names) => void filesWhenReported.push(names)));
  };
  const runtime = someRuntime();
  const first = await openStore(`pglite:${folder}`, { masterKey, onCreate });
  await first.addAgentRuntime(runtime);
  await first.close();
  await Promise.all(reports);
  expect(filesWhenReported).toEqual([expect.not.arrayContaining(['database'])]);
  const second = await openStore(`pglite:${folder}`, { masterKey, onCreate });
  onTestFinished(() => second.close());
  expect(reports).toHaveLength(1);
  expect(await second.findAgentRuntime(runtime.agentRuntimeId)).toEqual(runtime);
  expect(await readdir(folder)).toEqual(['database', 'locks']);
});

it('work such as a migration can have a time limit of its own', async () => {
  const folder = join(await newPgliteFolder(), 'database');
  const database = await openPgliteDatabase({ folder, timeoutSeconds: 1, onFailure: () => {} });
  onTestFinished(() => database.close());
  const sleep = 'select pg_sleep(2)';
  await database.runExclusively((connection) => connection.query(sleep), 60);
  await expect(database.runExclusively((connection) => connection.query(sleep))).rejects.toMatchObject({
    code: 'timed_out',
  });
});
