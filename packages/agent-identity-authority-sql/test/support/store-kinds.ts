import { randomBytes, randomUUID } from 'node:crypto';
import type { AuthorityStore } from 'agent-identity-authority-core';
import { type OpenStoreOptions, openStore } from 'agent-identity-authority-sql';
import { copyFolder, copyPreparedFolder } from 'test-support';
import { type PostgresServer, startPostgresServer } from 'test-support/postgres';
import { afterAll, beforeAll, onTestFinished } from 'vitest';

export const masterKey: Uint8Array = randomBytes(32);

/** A kind of store. */
export interface StoreKind {
  readonly name: 'memory:' | 'pglite:DIR' | 'postgres://';
  /** Returns the URL of an empty store. */
  newUrl(): Promise<string>;
  /** Copies a closed store and returns the URL of the copy. */
  copyOf(url: string): Promise<string>;
}

/** All kinds, with a Postgres server that runs until the file is done. Call it once, outside of tests. */
export function storeKinds(): readonly StoreKind[] {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgresServer();
    return () => server.stop();
  });
  return [
    { name: 'memory:', newUrl: async () => 'memory:', copyOf: async () => 'memory:' },
    { name: 'pglite:DIR', newUrl: async () => `pglite:${await newPgliteFolder()}`, copyOf: copyOfPglite },
    {
      name: 'postgres://',
      newUrl: () => server.newDatabase(),
      copyOf: (url) => server.newDatabase(url),
    },
  ];
}

/** Opens a store until the test is over. */
export async function openedStore(url: string, options: OpenStoreOptions = {}): Promise<AuthorityStore> {
  const store = await openStore(url, { masterKey, ...options });
  onTestFinished(() => store.close());
  return store;
}

/** Opens one store for all tests of the surrounding `describe`. */
export function sharedStore({ newUrl }: StoreKind): () => AuthorityStore {
  let store: AuthorityStore;
  beforeAll(async () => {
    store = await openStore(await newUrl(), { masterKey });
  });
  afterAll(() => store.close());
  return () => store;
}

async function copyOfPglite(url: string): Promise<string> {
  const folder = `${url.slice('pglite:'.length)}-${randomUUID()}`;
  await copyFolder(url.slice('pglite:'.length), folder);
  return `pglite:${folder}`;
}

/** Makes a PGlite folder with an empty store: a copy, because making one takes seconds. */
export function newPgliteFolder(): Promise<string> {
  return copyPreparedFolder('pglite', async (folder) => {
    const store = await openStore(`pglite:${folder}`, { masterKey });
    await store.close();
  });
}
