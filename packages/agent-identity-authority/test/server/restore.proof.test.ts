import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from 'test-support';
import { archivingSettings, query, startPostgresServer } from 'test-support/postgres';
import { expect, it, onTestFinished, vi } from 'vitest';
import { runCommand } from '../support/run-program.js';

const account = ['--account-id', 'account-1', '--user-id', 'user-1', '--plan-type', 'business'];

it('a restore to a point in time is noticed, and the revocations that it undid are done again', async () => {
  const server = await startPostgresServer(archivingSettings);
  onTestFinished(() => server.stop());
  const url = await server.newDatabase();
  const folder = await temporaryFolder();
  const environmentOf = (store: string) => ({ AIA_STORE: store, AIA_MASTER_KEY: masterKey });
  const masterKey = randomBytes(32).toString('base64');
  const environment = environmentOf(url);
  const issue = async () => {
    const { stdout } = await runCommand(['issue', ...account], environment);
    const [, claims = ''] = stdout.split('.');
    return JSON.parse(Buffer.from(claims, 'base64url').toString()).agent_runtime_id as string;
  };
  const audit = async (store: string, ...words: string[]) => {
    const { code, stdout, stderr } = await runCommand(['audit', ...words], environmentOf(store));
    return { code, stderr, report: JSON.parse(stdout || 'null') };
  };

  const kept = await issue();
  const backup = await server.backUp();
  const registeredAfterBackup = await issue();
  await query(url, "select pg_create_restore_point('before_the_accident')");
  const registeredAfterPoint = await issue();
  for (const agent of [kept, registeredAfterBackup, registeredAfterPoint]) {
    expect((await runCommand(['revoke', agent], environment)).code).toBe(0);
  }
  const exported = join(folder, 'exported');
  const { report: before } = await audit(url, 'verify');
  expect(before).toMatchObject({ intact: true, entries: 7 });
  await writeFile(join(folder, 'checkpoint'), before.checkpoint);
  await audit(url, 'export', exported);
  const [switched] = await query(url, 'select pg_walfile_name(pg_switch_wal()) as file');
  // Without the last file in the archive, the restore point is never reached.
  await vi.waitFor(async () => {
    const [archiver] = await query(url, 'select last_archived_wal as file from pg_stat_archiver');
    expect(String(archiver?.['file'] ?? '') >= String(switched?.['file'])).toBe(true);
  }, 20_000);
  await server.crash();

  const restored = await backup.restore('before_the_accident');
  onTestFinished(() => restored.stop());
  const restoredUrl = restored.urlOf(url);
  const noticed = await audit(restoredUrl, 'verify', '--checkpoint', join(folder, 'checkpoint'));
  expect(noticed).toMatchObject({ code: 3, report: { intact: false, problems: [{ kind: 'rewritten' }] } });

  const lost = await audit(restoredUrl, 'lost', exported);
  expect(lost).toMatchObject({
    code: 3,
    stderr: expect.stringContaining('3 revocations are lost'),
    report: { kept: 3, lost: { agent_runtime_added: 1, agent_runtime_revoked: 3 }, revoked_again: 0 },
  });
  const ids = lost.report.revocations.map((entry: { agent_runtime_id: string }) => entry.agent_runtime_id);
  expect(ids).toEqual([kept, registeredAfterBackup, registeredAfterPoint]);

  const again = await audit(restoredUrl, 'lost', exported, '--revoke-again');
  expect(again).toMatchObject({ code: 3, report: { revoked_again: 2 } });
  expect(again.report.revocations).toMatchObject([{ agent_runtime_id: registeredAfterPoint }]);
  const rows = await query(
    restoredUrl,
    'select count(*)::int as revoked from agent_identity.agent_runtimes where revoked_at is not null',
  );
  expect(rows).toEqual([{ revoked: 2 }]);
}, 120_000);

it('an authority that was not restored has lost nothing', async () => {
  const folder = join(await temporaryFolder(), 'exported');
  const server = await startPostgresServer();
  onTestFinished(() => server.stop());
  const environment = {
    AIA_STORE: await server.newDatabase(),
    AIA_MASTER_KEY: randomBytes(32).toString('base64'),
  };
  await runCommand(['issue', ...account], environment);
  await runCommand(['audit', 'verify'], environment);
  await runCommand(['audit', 'export', folder], environment);
  await runCommand(['issue', ...account], environment);
  const { code, stdout } = await runCommand(['audit', 'lost', folder], environment);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toEqual({ kept: 2, lost: {}, revoked_again: 0, revocations: [] });
});
