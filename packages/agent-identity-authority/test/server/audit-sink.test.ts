import { readFile, rename, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openStore } from 'agent-identity-authority-sql';
import { someRuntime, temporaryFolder } from 'test-support';
import { describe, expect, it, vi } from 'vitest';
import { newPgliteFolder } from '../support/pglite-folder.js';
import { startServer } from '../support/start-server.js';

const masterKey = Buffer.alloc(32, 7);

/** The settings of a server with a sink, and a way to add entries while no server runs. */
async function scene() {
  const folder = await temporaryFolder();
  const store = `pglite:${await newPgliteFolder()}`;
  const file = join(folder, 'audit.jsonl');
  const settings = { store, masterKey: masterKey.toString('base64'), auditSink: { file } };
  const add = async (count: number) => {
    const opened = await openStore(store, { masterKey });
    for (let i = 0; i < count; i += 1) await opened.addAgentRuntime(someRuntime());
    await opened.close();
  };
  const entries = async (path = file) =>
    (await readFile(path, 'utf8'))
      .split('\n')
      .filter((line) => line.startsWith('{"audit"') && line.endsWith('}}'))
      .map((line) => JSON.parse(line).audit);
  const indices = async (path?: string) => (await entries(path)).map(({ index }) => index);
  const waitFor = (expected: readonly number[], path?: string) =>
    vi.waitFor(async () => expect(await indices(path)).toEqual(expected), { timeout: 10_000 });
  return { settings, file, add, entries, waitFor };
}

describe('the sink of the audit log', () => {
  it('gets every entry with its index, and goes on after a restart', async () => {
    const { settings, add, entries, waitFor } = await scene();
    await add(2);
    const first = await startServer(settings);
    // The first start of an authority creates a signing key.
    await waitFor([0, 1, 2]);
    await first.stop();
    await add(1);
    const second = await startServer(settings);
    await waitFor([0, 1, 2, 3]);
    await second.stop();
    expect((await entries())[0]).toMatchObject({
      action: 'agent_runtime_added',
      at: expect.stringMatching(/Z$/),
      agent_runtime_id: expect.any(String),
    });
  });

  it('repeats what may not have arrived, and starts a new line after one that was cut off', async () => {
    const { settings, file, add, waitFor } = await scene();
    await add(1);
    const first = await startServer(settings);
    await waitFor([0, 1]);
    await first.stop();
    // As after a crash between the lines and the position.
    await writeFile(`${file}.position`, '1\n');
    await truncate(file, (await readFile(file)).length - 20);
    await startServer(settings);
    await waitFor([0, 1]);
  });

  it('goes on in a new file when the old one was renamed', async () => {
    const { settings, file, add, waitFor } = await scene();
    const first = await startServer(settings);
    await waitFor([0]);
    await rename(file, `${file}.1`);
    await first.stop();
    await add(1);
    await startServer(settings);
    await waitFor([1]);
    await waitFor([0], `${file}.1`);
  });

  it('may be standard output, beside the log', async () => {
    const { settings, file } = await scene();
    const auditSink = { file: '-', positionFile: `${file}.position` };
    const { log } = await startServer({ ...settings, auditSink });
    await vi.waitFor(() => expect(log()).toContain('{"audit":{"index":0,'));
    await expect(startServer({ auditSink: { file: '-' } })).rejects.toMatchObject({
      code: 'invalid_configuration',
      message: expect.stringContaining('auditSink.positionFile'),
    });
  });

  it('fails at the start if the position cannot be read or saved', async () => {
    const { settings, file } = await scene();
    await writeFile(`${file}.position`, 'first\n');
    await expect(startServer(settings)).rejects.toMatchObject({ code: 'invalid_configuration' });
    const positionFile = join(file, 'missing', 'position');
    await expect(startServer({ ...settings, auditSink: { file, positionFile } })).rejects.toMatchObject({
      code: 'invalid_configuration',
      message: expect.stringContaining('auditSink.positionFile'),
    });
  });

  it('loses nothing while it cannot be written', async () => {
    const { settings, file, waitFor } = await scene();
    const blocked = join(file, '..', 'folder');
    const auditSink = { file: join(blocked, 'audit.jsonl'), positionFile: `${file}.position` };
    const { log, stop } = await startServer({ ...settings, auditSink });
    await vi.waitFor(() => expect(log()).toContain('could not be written to its sink'));
    await stop();
    await startServer(settings);
    await waitFor([0]);
  });
});
