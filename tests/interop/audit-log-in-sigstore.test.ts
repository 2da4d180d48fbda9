import { createPublicKey } from 'node:crypto';
import { createRequire } from 'node:module';
import { createAuthority, memoryStore, staticTokens } from 'agent-identity-authority-core';
import { proveInclusion } from 'agent-identity-authority-core/log';
import { storeLogReader } from 'agent-identity-authority-core/store';
import { expect, it } from 'vitest';

// Sigstore reads checkpoints of its own log only, so its main entry does not export these.
const require = createRequire(import.meta.url);
const { verifyCheckpoint } = require('@sigstore/verify/dist/tlog/checkpoint.js');
const { verifyMerkleInclusion } = require('@sigstore/verify/dist/tlog/merkle.js');

/** The log as Sigstore knows one: a name, a key, and an id whose first four bytes are the hash of the key. */
function sigstoreLog(verifierKey: string) {
  const [, name = '', hash = '', key = ''] = /^([^+]*)\+([^+]*)\+(.*)$/.exec(verifierKey) ?? [];
  // The first byte of the key is its algorithm.
  const x = Buffer.from(key, 'base64').subarray(1).toString('base64url');
  const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  return { baseURL: name, logID: Buffer.from(hash, 'hex'), publicKey };
}

it.each([1, 2, 257, 300])(
  'Sigstore verifies the checkpoint and the inclusion proofs of %i entries',
  async (size) => {
    const store = memoryStore();
    const authority = await createAuthority({ store, authenticator: staticTokens([]) });
    // The first entry is that of the signing key.
    for (let at = 1; at < size; at += 1) {
      await store.appendAuditEntry({ at, actor: 'operator:alice', action: 'custom_tried' });
    }
    await authority.sequenceAuditEntries();
    const envelope = (await store.auditCheckpoint())?.note ?? '';
    const reader = storeLogReader(store);
    const logs = [sigstoreLog(authority.auditLogVerifierKey)];
    await authority.close();

    const checkpoint = verifyCheckpoint({ inclusionProof: { checkpoint: { envelope } } }, logs);
    expect(checkpoint.logSize).toBe(BigInt(size));
    const changed = envelope.replace(`\n${size}\n`, `\n${size + 1}\n`);
    const ofChanged = { inclusionProof: { checkpoint: { envelope: changed } } };
    expect(() => verifyCheckpoint(ofChanged, logs)).toThrow('invalid checkpoint signature');

    for (const index of new Set([0, size - 1, Math.floor(size / 2)])) {
      const hashes = (await proveInclusion(index, size, reader.readTile)).map((hash) => Buffer.from(hash));
      const [entry = new Uint8Array()] = await reader.readEntries(index, 1);
      const proof = { logIndex: String(index), hashes };
      verifyMerkleInclusion({ inclusionProof: proof, canonicalizedBody: Buffer.from(entry) }, checkpoint);
      const other = { inclusionProof: proof, canonicalizedBody: Buffer.from('another entry') };
      expect(() => verifyMerkleInclusion(other, checkpoint)).toThrow('does not match');
    }
  },
);
