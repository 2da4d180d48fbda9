import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import type { StoredSigningKey } from 'agent-identity-authority-core';
import { openStore } from 'agent-identity-authority-sql';
import { beforeAll, describe, expect, it } from 'vitest';
import { sequence } from '../support/audit-log.js';
import { hasDatabase, inDatabase } from '../support/raw-database.js';
import { masterKey, openedStore, type StoreKind, storeKinds } from '../support/store-kinds.js';

/** A store does not parse it. */
const privateKey = `begin\n${randomBytes(900).toString('base64')}\nend`;

function signingKey(kid: string): StoredSigningKey {
  const publicJwk = { kty: 'RSA', n: `n-of-${kid}`, e: 'AQAB' } as const;
  return { kid, publicJwk, privateKey, createdAt: 1000, activeFrom: 1000, publishedUntil: null };
}

/** Two keys with the same private key. */
const keys = [signingKey('kid-1'), { ...signingKey('kid-2'), privateKey }];

/** Returns a function that makes a closed store with the two keys. */
function storeWithKeys(kind: StoreKind): () => Promise<string> {
  let original: string;
  beforeAll(async () => {
    original = await kind.newUrl();
    const store = await openStore(original, { masterKey });
    for (const key of keys) await store.rotateSigningKey(key, 9000);
    await store.close();
  });
  return () => kind.copyOf(original);
}

const kinds = storeKinds().filter(hasDatabase);

describe.each(kinds)('private signing keys in the store of $name', (kind) => {
  const newStore = storeWithKeys(kind);

  it('are read unchanged after the store was opened again', async () => {
    const url = await newStore();
    const store = await openedStore(url);
    expect(await store.listSigningKeys()).toEqual([{ ...keys[0], publishedUntil: 9000 }, keys[1]]);
  });

  it('are encrypted in the database, differently each time', async () => {
    const url = await newStore();
    const rows = await inDatabase(url, ['select * from agent_identity.signing_keys order by position']);
    expect(rows).toHaveLength(2);
    const text = JSON.stringify(rows);
    expect(text).not.toContain(privateKey.slice(100, 120));
    expect(rows[0]?.['encrypted_private_key']).not.toBe(rows[1]?.['encrypted_private_key']);
    expect(rows[0]?.['master_key_id']).toMatch(/^[\w-]{12}$/);
    expect(rows[0]?.['master_key_id']).toBe(rows[1]?.['master_key_id']);
  });

  it('prevent a store from opening with another master key, which is not shown', async () => {
    const url = await newStore();
    const wrong = randomBytes(32);
    const error = await openStore(url, { masterKey: wrong }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'wrong_master_key', message: expect.stringContaining('kid-1') });
    for (const form of ['hex', 'base64', 'base64url'] as const) {
      expect(inspect(error)).not.toContain(wrong.toString(form));
    }
    await openedStore(url);
  });

  it('are decrypted with an earlier master key, and re-encrypted on request', async () => {
    const url = await newStore();
    const next = randomBytes(32);
    const both = await openStore(url, { masterKey: next, otherMasterKeys: [masterKey] });
    expect(await both.reencryptSigningKeys(5000, { actor: 'operator:alice' })).toBe(2);
    expect(await both.reencryptSigningKeys(6000)).toBe(0);
    await sequence(both);
    const [entry] = (await both.listAuditEntries({ order: 'newest_first' })).items;
    expect(entry).toMatchObject({
      at: 5000,
      actor: 'operator:alice',
      action: 'signing_keys_reencrypted',
      details: { count: 2, master_key_id: expect.stringMatching(/^[\w-]{12}$/) },
    });
    await both.close();
    await expect(openStore(url, { masterKey })).rejects.toMatchObject({ code: 'wrong_master_key' });
    const store = await openedStore(url, { masterKey: next });
    const privateKeys = (await store.listSigningKeys()).map(({ privateKey }) => privateKey);
    expect(privateKeys).toEqual(keys.map(({ privateKey }) => privateKey));
  });

  it('are re-encrypted with the current master key by a rotation', async () => {
    const url = await newStore();
    const next = randomBytes(32);
    const both = await openStore(url, { masterKey: next, otherMasterKeys: [masterKey] });
    await both.rotateSigningKey(signingKey('kid-3'), 9000, { actor: 'operator:alice' });
    await sequence(both);
    const { items } = await both.listAuditEntries({ order: 'newest_first', limit: 2 });
    expect(items.map(({ action, actor }) => [action, actor])).toEqual([
      ['signing_keys_reencrypted', 'operator:alice'],
      ['signing_key_added', 'operator:alice'],
    ]);
    await both.close();
    const store = await openedStore(url, { masterKey: next });
    expect(await store.listSigningKeys()).toHaveLength(3);
  });
});

describe('a database that someone else has changed', () => {
  const newStore = storeWithKeys(kinds[1] ?? expect.fail());

  it.each([
    [
      'another public key in their row',
      `update %t set public_jwk = '{"kty":"RSA","n":"m","e":"AQAB"}' where kid = 'kid-1'`,
    ],
    [
      'a changed ciphertext',
      `update %t set encrypted_private_key = 'A' || substr(encrypted_private_key, 2) where kid = 'kid-1'`,
    ],
    [
      'a truncated ciphertext',
      `update %t set encrypted_private_key = substr(encrypted_private_key, 1, 30) where kid = 'kid-1'`,
    ],
    ['no ciphertext', `update %t set encrypted_private_key = '' where kid = 'kid-1'`],
    [
      'the ciphertext of another row',
      `update %t set encrypted_private_key = (select encrypted_private_key from %t where kid = 'kid-2') where kid = 'kid-1'`,
    ],
    ['another name', `update %t set kid = 'kid-9' where kid = 'kid-1'`],
    ['a later end', `update %t set published_until = 9001 where kid = 'kid-1'`],
    ['an earlier end', `update %t set published_until = 8999 where kid = 'kid-1'`],
    ['no end', `update %t set published_until = null where kid = 'kid-1'`],
    ['an earlier first use', `update %t set active_from = 0 where kid = 'kid-2'`],
    ['another creation', `update %t set created_at = 0 where kid = 'kid-2'`],
    ['another order', `update %t set position = 3 where kid = 'kid-1'`],
    [
      'a forged row',
      `insert into %t select 'kid-9', 9, public_jwk, master_key_id, encrypted_private_key, 0, 0, null from %t where kid = 'kid-1'`,
    ],
  ])(
    'is refused with %s, so nobody can insert a signing key without the master key',
    async (_what, statement) => {
      const url = await newStore();
      await inDatabase(url, [statement.replaceAll('%t', 'agent_identity.signing_keys')]);
      await expect(openStore(url, { masterKey })).rejects.toMatchObject({ code: 'wrong_master_key' });
    },
  );
});

describe('a retired key', () => {
  const kind = kinds[1] ?? expect.fail();

  it('cannot be brought back with an earlier copy of its row', async () => {
    const url = await kind.newUrl();
    const table = 'agent_identity.signing_keys';
    const store = await openStore(url, { masterKey });
    await store.addFirstSigningKey(signingKey('kid-1'));
    const [row] = await inDatabase(url, [`select * from ${table}`]);
    await store.rotateSigningKey(signingKey('kid-2'), 9000);
    await inDatabase(url, [
      `update ${table} set published_until = null, encrypted_private_key = '${row?.['encrypted_private_key']}' where kid = 'kid-1'`,
    ]);
    const refusal = { code: 'wrong_master_key', message: expect.stringContaining('kid-1') };
    await expect(store.listSigningKeys()).rejects.toMatchObject(refusal);
    await expect(store.rotateSigningKey(signingKey('kid-3'), 9000)).rejects.toMatchObject(refusal);
    await store.close();
    await expect(openStore(url, { masterKey })).rejects.toMatchObject(refusal);
  });

  it('can be read with its new end after it was retired early', async () => {
    const store = await openedStore(await kind.newUrl());
    for (const kid of ['kid-1', 'kid-2']) await store.rotateSigningKey(signingKey(kid), 9000);
    expect(await store.retireSigningKey('kid-1', 5000, 5000)).toBe('retired');
    const listed = await store.listSigningKeys();
    expect(listed.map(({ publishedUntil }) => publishedUntil)).toEqual([5000, null]);
  });
});
