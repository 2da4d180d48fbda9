import { auditedChange } from '../audit/audited-changes.js';
import { appendInMemory } from '../audit/memory-audit-log.js';
import type { MemoryTables } from '../store/memory-tables.js';
import type { StoreChanges } from '../store/store-changes.js';
import { requireStorableSigningKey, type SigningKeyStore } from './signing-key-store.js';

export function createMemorySigningKeys(tables: MemoryTables, { notify }: StoreChanges): SigningKeyStore {
  return {
    listSigningKeys: async () => tables.signingKeys,
    async addFirstSigningKey(key, origin) {
      requireStorableSigningKey(key);
      if (tables.signingKeys.length > 0) return;
      appendInMemory(tables, auditedChange.signingKeyAdded(key, null, origin));
      tables.signingKeys = [key];
      notify({ kind: 'signing_keys_changed' });
    },
    async rotateSigningKey(key, othersPublishedUntil, origin, ifNewestKid) {
      requireStorableSigningKey(key);
      const newestKid = tables.signingKeys.at(-1)?.kid;
      if (newestKid !== undefined && newestKid !== (ifNewestKid ?? newestKid)) return newestKid;
      if (tables.signingKeys.some(({ kid }) => kid === key.kid)) return newestKid ?? key.kid;
      appendInMemory(tables, auditedChange.signingKeyAdded(key, othersPublishedUntil, origin));
      tables.signingKeys = [...tables.signingKeys.map((other) => withEnd(other, othersPublishedUntil)), key];
      notify({ kind: 'signing_keys_changed' });
      return key.kid;
    },
    async retireSigningKey(kid, publishedUntil, at, origin) {
      const key = tables.signingKeys.find((one) => one.kid === kid);
      if (key === undefined) return 'unknown';
      if (key.publishedUntil === null) return 'in_use';
      if (key.publishedUntil > publishedUntil) {
        appendInMemory(tables, auditedChange.signingKeyRetired(kid, publishedUntil, at, origin));
        tables.signingKeys = tables.signingKeys.map((one) =>
          one.kid === kid ? withEnd(one, publishedUntil) : one,
        );
        notify({ kind: 'signing_keys_changed' });
      }
      return 'retired';
    },
    reencryptSigningKeys: async () => 0,
  };
}

function withEnd<Key extends { readonly publishedUntil: number | null }>(key: Key, end: number): Key {
  return { ...key, publishedUntil: Math.min(key.publishedUntil ?? end, end) };
}
