import { randomBytes, randomUUID } from 'node:crypto';
import { cp, mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { AuthorityStore } from 'agent-identity-authority-core';
import { type OpenStoreOptions, openStore } from 'agent-identity-authority-sql';
import { type PostgresServer, startPostgresServer } from 'test-support/postgres';
import { afterAll, beforeAll, inject, onTestFinished } from 'vitest';

export const masterKey: Uint8Array = randomBytes(32);

/** A kind of store, and where to open a new one. */
export interface StoreKind {
  readonly name: 'memory:' | 'pglite:DIR' | 'postgres://';
  /** The URL of a store that nothing has been put into. */
  newUrl(): Promise<string>;
}

/** All kinds, with a real Postgres server that ends with the file. Call it once, outside of tests. */
export function storeKinds(): readonly StoreKind[] {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgresServer();
    return () => server.stop();
  });
  return [
    { name: 'memory:', newUrl: async () => 'memory:' },
    { name: 'pglite:DIR', newUrl: async () => `pglite:${await newPgliteFolder()}` },
    { name: 'postgres://', newUrl: () => server.newDatabase() },
  ];
}

/** Opens a store, which is closed with the test. */
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

/**
 * A PGlite folder with an empty store in it: a copy, because making one takes seconds. The first that asks makes the
 * original.
 */
export async function newPgliteFolder(): Promise<string> {
  const runFolder = inject('runFolder');
  const original = join(runFolder, 'pglite-original');
  await mkdir(original).then(
    () => makeOriginal(original),
    () => {},
  );
  const folder = join(runFolder, `pglite-${randomUUID()}`);
  await copyWhenReady(join(original, 'ready'), folder);
  return folder;
}

async function makeOriginal(original: string): Promise<void> {
  const making = join(original, 'making');
  const store = await openStore(`pglite:${making}`, { masterKey });
  await store.close();
  await rename(making, join(original, 'ready'));
}

async function copyWhenReady(from: string, to: string): Promise<void> {
  for (;;) {
    try {
      return await cp(from, to, { recursive: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
