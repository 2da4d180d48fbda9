import { openStore } from 'agent-identity-authority-sql';
import { copyPreparedFolder } from 'test-support';

/** Makes a PGlite folder with an empty store, for any master key: a copy, because making one takes seconds. */
export function newPgliteFolder(to?: string): Promise<string> {
  const masterKey = new Uint8Array(32);
  return copyPreparedFolder(
    'pglite',
    async (folder) => {
      const store = await openStore(`pglite:${folder}`, { masterKey });
      await store.close();
    },
    to,
  );
}
