import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { verifyCheckpoint, verifyConsistency, verifyInclusion } from 'agent-identity-authority-core/log';
import { temporaryFolder } from 'test-support';
import { describe, expect, it } from 'vitest';
import { newPgliteFolder } from '../support/pglite-folder.js';
import { runCommand } from '../support/run-program.js';
import { serverAdminToken, startServer } from '../support/start-server.js';

const account = ['--account-id', 'account-1', '--user-id', 'user-1', '--plan-type', 'business'];

async function onServer() {
  const { url } = await startServer();
  return { AIA_URL: url, AIA_ADMINISTRATORS_TOKEN: serverAdminToken };
}

async function onStore() {
  const masterKey = Buffer.alloc(32, 7).toString('base64');
  return { AIA_STORE: `pglite:${await newPgliteFolder()}`, AIA_MASTER_KEY: masterKey };
}

const fromBase64 = (text: string) => new Uint8Array(Buffer.from(text, 'base64'));

describe.each([
  { where: 'a running authority', open: onServer },
  { where: 'a store', open: onStore },
])('the audit log of $where', ({ open }) => {
  it('is verified, proved, exported, and pruned', async () => {
    const environment: Record<string, string> = await open();
    const folder = await temporaryFolder();
    const audit = async (...words: string[]) => {
      const { code, stdout, stderr } = await runCommand(['audit', ...words], environment);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      return JSON.parse(stdout);
    };
    const issue = () => runCommand(['issue', ...account], environment);

    await issue();
    const first = await audit('verify');
    expect(first).toMatchObject({ intact: true, entries: 2 });
    const key = first.verifier_key;
    const kept = join(folder, 'checkpoint-of-last-week');
    await writeFile(kept, first.checkpoint);
    await issue();
    expect(await audit('verify', '--checkpoint', kept)).toMatchObject({ intact: true, entries: 3 });

    const { entry, leaf_hash: leafHash, checkpoint, proof, index } = await audit('prove', '1');
    expect(JSON.parse(entry)).toMatchObject({ v: 1, action: 'agent_runtime_added' });
    verifyInclusion({
      leafHash: fromBase64(leafHash),
      index,
      checkpoint: verifyCheckpoint(checkpoint, key),
      proof: proof.map(fromBase64),
    });

    const consistency = await audit('consistency', kept);
    verifyConsistency({
      first: verifyCheckpoint(consistency.first, key),
      second: verifyCheckpoint(consistency.second, key),
      proof: consistency.proof.map(fromBase64),
    });

    const exported = join(folder, 'exported');
    expect(await audit('export', exported)).toEqual({ size: 3, files: 2 });
    expect(await audit('export', exported)).toEqual({ size: 3, files: 0 });
    const ofFolder = ['verify', exported, '--verifier-key', key];
    expect(await audit(...ofFolder, '--checkpoint', kept)).toMatchObject({ intact: true, entries: 3 });

    expect(await audit('prune', exported)).toEqual({ removed: 3 });
    expect(await audit('verify', '--checkpoint', kept)).toMatchObject({ intact: true, entries: 1 });
    expect(await audit(...ofFolder)).toMatchObject({ intact: true, entries: 3 });
  });

  it('is not pruned by an export that was changed', async () => {
    const environment: Record<string, string> = await open();
    const folder = join(await temporaryFolder(), 'exported');
    await runCommand(['issue', ...account], environment);
    await runCommand(['audit', 'verify'], environment);
    await runCommand(['audit', 'export', folder], environment);
    const bundle = join(folder, 'tile/entries/000.p/2');
    await writeFile(bundle, (await readFile(bundle, 'latin1')).replace('account-1', 'account-2'), 'latin1');
    const pruned = await runCommand(['audit', 'prune', folder], environment);
    expect(pruned).toMatchObject({ code: 3, stderr: expect.stringContaining('invalid_log_proof') });
    const { verifier_key: key } = JSON.parse((await runCommand(['audit', 'verify'], environment)).stdout);
    expect(await runCommand(['audit', 'verify', folder, '--verifier-key', key])).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('audit_log_broken'),
    });
    await rm(join(folder, 'checkpoint'));
    expect((await runCommand(['audit', 'verify', folder, '--verifier-key', key])).code).toBe(3);
  });
});

describe('audit verify', () => {
  it('needs a checkpoint that can be read', async () => {
    const { code, stderr } = await runCommand(
      ['audit', 'verify', '--checkpoint', '/nowhere'],
      await onStore(),
    );
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining('ENOENT') });
  });

  it('needs the key of the log for a folder', async () => {
    const { code, stderr } = await runCommand(['audit', 'verify', await temporaryFolder()]);
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining('--verifier-key') });
  });
});
