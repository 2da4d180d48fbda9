import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readdir, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AuthorityStore } from 'agent-identity-authority-core';
import { openStore } from 'agent-identity-authority-sql';
import { someRuntime } from 'test-support';
import { describe, expect, inject, it, vi } from 'vitest';
import { verified } from '../support/audit-log.js';
import { type AuthorityOverStore, authorityOverStore } from '../support/authority-over-store.js';
import { inDatabase } from '../support/raw-database.js';
import { smallDisk } from '../support/small-disk.js';
import { masterKey, newPgliteFolder, openedStore } from '../support/store-kinds.js';
import { startStoreProcess } from '../support/store-process.js';

describe('a PGlite folder', () => {
  it('can be open only once, in this process or another', async () => {
    const url = `pglite:${await newPgliteFolder()}`;
    const store = await openStore(url, { masterKey });
    await expect(openStore(url, { masterKey })).rejects.toMatchObject({ code: 'store_in_use' });
    const other = startStoreProcess(url, `say('opened')`, { masterKey });
    expect(await other.lines(1)).toEqual(['store_in_use']);
    await store.close();
    await openedStore(url);
  });

  it('is opened by one of several processes that start at once', async () => {
    const url = `pglite:${await newPgliteFolder()}`;
    const opened = await Promise.allSettled([1, 2, 3, 4].map(() => openedStore(url)));
    const codes = opened.map((one) => (one.status === 'rejected' ? one.reason.code : 'opened'));
    expect(codes.filter((code) => code !== 'store_in_use').length).toBeLessThanOrEqual(1);
    expect(new Set([...codes, 'opened', 'store_in_use'])).toEqual(new Set(['opened', 'store_in_use']));
  });

  it('can be opened immediately after its process was killed, and has everything acknowledged', async () => {
    const folder = await newPgliteFolder();
    const url = `pglite:${folder}`;
    const { child, lines } = startStoreProcess(
      url,
      `for (let i = 1; ; i += 1) { await store.addAgentRuntime(runtime('agent-' + i)); say('agent-' + i); }`,
      { masterKey },
    );
    await lines(50);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const acknowledged = await lines(Number.POSITIVE_INFINITY);
    expect(await readdir(join(folder, 'locks'))).toHaveLength(1);
    const store = await openedStore(url);
    expect(await readdir(join(folder, 'locks'))).toHaveLength(1);
    for (const id of acknowledged)
      expect(await store.findAgentRuntime(id)).toMatchObject({ agentRuntimeId: id });
    expect((await verified(store)).problems).toEqual([]);
  });

  it('can have a path that is too long for a socket', async () => {
    const parent = join(await mkdtemp(join(inject('runFolder'), 'deep-')), 'x'.repeat(120));
    await mkdir(parent);
    await cp(await newPgliteFolder(), join(parent, 'store'), { recursive: true });
    const url = `pglite:${join(parent, 'store')}`;
    await openedStore(url);
    await expect(openStore(url, { masterKey })).rejects.toMatchObject({ code: 'store_in_use' });
  });

  it('is created again if a crash left it unfinished', async () => {
    const folder = await mkdtemp(join(inject('runFolder'), 'unfinished-'));
    await mkdir(join(folder, 'unfinished-abc'));
    await writeFile(join(folder, 'unfinished-abc', 'PG_VERSION'), '18');
    await openedStore(`pglite:${folder}`);
    expect((await readdir(folder)).sort()).toEqual(['database', 'locks']);
  });

  it('is left alone if it holds something else', async () => {
    const folder = await mkdtemp(join(inject('runFolder'), 'other-'));
    await mkdir(join(folder, 'database'));
    await writeFile(join(folder, 'database', 'notes.txt'), 'not a database');
    await expect(openStore(`pglite:${folder}`, { masterKey })).rejects.toMatchObject({
      code: 'store_not_ready',
    });
    expect(await readdir(join(folder, 'database'))).toEqual(['notes.txt']);
  });

  it('syncs its log to disk before each response', async () => {
    const url = `pglite:${await newPgliteFolder()}`;
    const hook = `
      import fs from 'node:fs';
      import { syncBuiltinESMExports } from 'node:module';
      const { fsyncSync } = fs;
      fs.fsyncSync = (descriptor) => {
        fsyncSync(descriptor);
        fs.writeSync(1, 'synced ' + fs.readlinkSync('/proc/self/fd/' + descriptor) + '\\n');
      };
      syncBuiltinESMExports();`;
    const { lines } = startStoreProcess(
      url,
      `for (const name of ['one', 'two', 'three']) { say('adding'); await store.addAgentRuntime(runtime(name)); say('added'); }
       await store.close(); process.exit();`,
      { masterKey, nodeOptions: `--import=data:text/javascript,${encodeURIComponent(hook)}` },
    );
    const said = (await lines(Number.POSITIVE_INFINITY)).join('\n');
    const whileAdding = [...said.matchAll(/^adding\n(.*?)^added$/gms)].map(([, between]) => between);
    expect(whileAdding).toHaveLength(3);
    for (const between of whileAdding) expect(between).toMatch(/^synced .*\/pg_wal\/[0-9A-F]{24}$/m);
  });
});

describe('a database that never responds', () => {
  it('fails the call in time, and works for the next one', async () => {
    const url = `pglite:${await newPgliteFolder()}`;
    await inDatabase(url, [
      `create function hang() returns trigger language plpgsql as $$ begin loop end loop; end $$`,
      `create trigger hang before insert on agent_identity.agent_runtimes for each row
        when (new.account_id = 'endless') execute function hang()`,
    ]);
    const store = await openedStore(url, { timeoutSeconds: 2 });
    const hanging = store.addAgentRuntime({ ...someRuntime(), accountId: 'endless' });
    const waiting = store.findAgentRuntime('agent-1');
    await expect(hanging).rejects.toMatchObject({ code: 'timed_out', retryable: true });
    await expect(waiting).rejects.toMatchObject({ code: 'timed_out', retryable: true });
    const runtime = someRuntime();
    await vi.waitFor(async () => expect(await store.addAgentRuntime(runtime)).toEqual(runtime), {
      timeout: 30_000,
    });
    expect(await verified(store)).toMatchObject({ intact: true, entries: 1 });
  });

  it('is not used after the store is closed', async () => {
    const store = await openStore(`pglite:${await newPgliteFolder()}`, { masterKey });
    const [, ping] = await Promise.allSettled([store.close(), store.ping()]);
    expect(ping.status).toBe('rejected');
    await expect(store.ping()).rejects.toThrow('closed');
  });
});

describe('a small disk', () => {
  /** They make the rows of runtimes large. */
  const capabilities = Array.from({ length: 64 }, () => randomBytes(250).toString('hex'));

  async function storeOnSmallDisk() {
    const disk = await smallDisk(64);
    const folder = join(disk.path, 'store');
    await cp(await newPgliteFolder(), folder, { recursive: true });
    return { ...disk, url: `pglite:${folder}` };
  }

  /** Registers runtimes until this many were refused; returns the ids of the others, and the statuses of the refusals. */
  async function registerUntilRefused(register: AuthorityOverStore['register'], refusals: number) {
    const acknowledged: string[] = [];
    const refused: number[] = [];
    while (refused.length < refusals) {
      const { status, body } = await register(undefined, { capabilities });
      if (status === 200) acknowledged.push(body.agent_runtime_id);
      else refused.push(status);
    }
    return { acknowledged, refused };
  }

  it('answers 503 while it is full, loses nothing acknowledged, and works again when there is room', async () => {
    const { path, url } = await storeOnSmallDisk();
    const failures: unknown[] = [];
    const store = await openStore(url, { masterKey });
    const onFailure = (failure: unknown) => failures.push(failure);
    const { register } = await authorityOverStore(store, onFailure, capabilities);
    await fill(path, 1_000_000);
    const { acknowledged, refused } = await registerUntilRefused(register, 6);
    expect(new Set(refused)).toEqual(new Set([503]));
    expect(String(failures)).toMatch(/No space left on device/);
    await rm(join(path, 'ballast'));
    await vi.waitFor(async () => expect((await register()).status).toBe(200), {
      timeout: 30_000,
      interval: 500,
    });
    await expectAll(store, acknowledged);
    await store.close();
    await expectAll(await openedStore(url), acknowledged);
    expect(acknowledged.length).toBeGreaterThan(0);
  });

  it('prevents a store from opening while it is full, and loses nothing', async () => {
    const { path, url } = await storeOnSmallDisk();
    await fill(path, 0);
    await expect(openStore(url, { masterKey })).rejects.toMatchObject({
      code: 'store_unavailable',
      message: expect.stringMatching(/ENOSPC|No space left on device/),
    });
    await rm(join(path, 'ballast'));
    const store = await openStore(url, { masterKey });
    expect(await verified(store)).toMatchObject({ intact: true });
    await store.close();
  });

  it('prevents a store from opening while it is read-only, with a clear error', async () => {
    const { readOnly, url } = await storeOnSmallDisk();
    await readOnly();
    await expect(openStore(url, { masterKey })).rejects.toMatchObject({
      code: 'store_unavailable',
      message: expect.stringContaining('EROFS'),
    });
    await expect(openStore(`${url}-2`, { masterKey })).rejects.toMatchObject({
      code: 'store_unavailable',
      message: expect.stringContaining('EROFS'),
    });
  });
});

async function expectAll(store: AuthorityStore, ids: readonly string[]): Promise<void> {
  for (const id of ids) expect(await store.findAgentRuntime(id)).toMatchObject({ agentRuntimeId: id });
  expect((await verified(store)).problems).toEqual([]);
}

/** Fills a disk up to this many free bytes. */
async function fill(path: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(path);
  await writeFile(join(path, 'ballast'), Buffer.alloc(Math.max(0, bavail * bsize - bytes)));
}
