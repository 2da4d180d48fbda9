import { join } from 'node:path';
import { inspectStore } from 'agent-identity-authority-sql';
import { temporaryFolder } from 'test-support';
import { describe, expect, it } from 'vitest';
import { inDatabase } from './support/raw-database.js';
import { masterKey, openedStore, storeKinds } from './support/store-kinds.js';

const [memory, pglite, postgres] = storeKinds();

describe('inspectStore', () => {
  it('finds the schema version of this release in an open store of a server', async () => {
    const url = (await postgres?.newUrl()) ?? '';
    await openedStore(url);
    const { schemaVersion, latestSchemaVersion, databaseClockAheadMs } = await inspectStore(url, {
      masterKey,
    });
    expect(schemaVersion).toBe(latestSchemaVersion);
    expect(schemaVersion).toBeGreaterThan(0);
    expect(Math.abs(databaseClockAheadMs ?? Number.NaN)).toBeLessThan(30_000);
  });

  it('measures how far the clock of the server is from its own', async () => {
    const url = (await postgres?.newUrl()) ?? '';
    const clock = () => Date.now() - 3_600_000;
    const { databaseClockAheadMs } = await inspectStore(url, { masterKey }, { clock });
    expect(Math.round((databaseClockAheadMs ?? 0) / 60_000)).toBe(60);
  });

  it('creates and migrates nothing', async () => {
    const url = (await postgres?.newUrl()) ?? '';
    expect(await inspectStore(url, { masterKey })).toMatchObject({ schemaVersion: 0 });
    const schemas = "select 1 from pg_catalog.pg_namespace where nspname = 'agent_identity'";
    expect(await inDatabase(url, [schemas])).toEqual([]);
    const folder = join(await temporaryFolder(), 'mistyped');
    await expect(inspectStore(`pglite:${folder}`, { masterKey })).rejects.toMatchObject({
      code: 'store_not_ready',
    });
  });

  it('releases a PGlite folder, and needs no database in memory', async () => {
    const url = (await pglite?.newUrl()) ?? '';
    const inspection = await inspectStore(url, { masterKey });
    expect(inspection).toMatchObject({ databaseClockAheadMs: null });
    expect(await inspectStore((await memory?.newUrl()) ?? '')).toEqual(inspection);
    const store = await openedStore(url);
    await store.ping();
    await expect(inspectStore(url, { masterKey })).rejects.toMatchObject({ code: 'store_in_use' });
  });

  it('refuses unknown options and other URLs', async () => {
    await expect(inspectStore('memory:', { ifMising: 'refuse' } as object)).rejects.toThrow(/ifMissing/);
    await expect(inspectStore('mysql://db.example')).rejects.toMatchObject({ code: 'unsupported_store_url' });
  });
});
