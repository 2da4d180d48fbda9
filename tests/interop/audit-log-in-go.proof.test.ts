import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { getRequestListener } from '@hono/node-server';
import {
  type AuthorityStore,
  administratorTokens,
  createAuthority,
  memoryStore,
  staticTokens,
} from 'agent-identity-authority-core';
import { proveConsistency, proveInclusion } from 'agent-identity-authority-core/log';
import { storeLogReader } from 'agent-identity-authority-core/store';
import { listenOnLoopback, temporaryFolder } from 'test-support';
import { goEnvironment } from 'test-support/go';
import { beforeAll, expect, it } from 'vitest';

const run = promisify(execFile);
const token = 'token-of-an-administrator-0123456789';
const bin = fileURLToPath(new URL('bin.js', import.meta.resolve('agent-identity-authority')));
const program = fileURLToPath(new URL('audit-log-in-go/check.go', import.meta.url));

let environment: NodeJS.ProcessEnv;
beforeAll(async () => {
  environment = await goEnvironment();
}, 300_000);

const toBase64 = (hashes: readonly Uint8Array[]) =>
  hashes.map((hash) => Buffer.from(hash).toString('base64'));

async function append(store: AuthorityStore, count: number): Promise<void> {
  for (let at = 0; at < count; at += 1) {
    await store.appendAuditEntry({ at, actor: 'operator:alice', action: 'custom_tried', details: { at } });
  }
}

/** Exports a log that grew in two steps, and writes what the program checks. */
async function exportedLog([earlierSize, size]: readonly [number, number]) {
  const store = memoryStore();
  const administrators = administratorTokens([{ token, name: 'alice', role: 'administrator' }]);
  const authority = await createAuthority({ store, authenticator: staticTokens([]), administrators });
  // The first entry is that of the signing key.
  await append(store, earlierSize - 1);
  await authority.sequenceAuditEntries();
  const earlier = (await store.auditCheckpoint())?.note ?? '';
  await append(store, size - earlierSize);
  await authority.sequenceAuditEntries();
  const reader = storeLogReader(store);
  const folder = await temporaryFolder();
  const url = await listenOnLoopback(getRequestListener((request) => authority.fetch(request)));
  const env = { PATH: process.env['PATH'], AIA_URL: url, AIA_ADMINISTRATORS_TOKEN: token };
  await run(process.execPath, [bin, 'audit', 'export', join(folder, 'log')], { env });
  const indices = [...new Set([0, 1, 255, 256, size - 1])].filter((index) => index < size);
  const inclusion = [];
  for (const index of indices) {
    inclusion.push({ Index: index, Proof: toBase64(await proveInclusion(index, size, reader.readTile)) });
  }
  const input = {
    VerifierKey: authority.auditLogVerifierKey,
    Folder: join(folder, 'log'),
    Earlier: earlier,
    Inclusion: inclusion,
    Consistency: toBase64(await proveConsistency(earlierSize, size, reader.readTile)),
  };
  await authority.close();
  const check = async (changed: Partial<typeof input> = {}) => {
    await writeFile(join(folder, 'input.json'), JSON.stringify({ ...input, ...changed }));
    return run('go', ['run', program, join(folder, 'input.json')], { env: environment });
  };
  return { folder, inclusion, check };
}

it.each([
  [1, 2],
  [3, 7],
  [255, 256],
  [256, 257],
  [300, 1000],
  [1000, 1024],
] as const)(
  'Go verifies notes, tiles, entries and proofs of a log that grew from %i to %i entries',
  async (...sizes) => {
    const { inclusion, check } = await exportedLog(sizes);
    const { stdout } = await check();
    console.info(`Go: ${stdout.trim()}`);
    expect(stdout).toBe(
      `${sizes[1]} entries, ${inclusion.length} inclusion proofs, consistent since ${sizes[0]}\n`,
    );
  },
  120_000,
);

it('Go refuses a changed entry, a changed tile, and a proof of something else', async () => {
  const { folder, inclusion, check } = await exportedLog([5, 300]);
  const [first, second = expect.fail()] = inclusion;
  await expect(check({ Inclusion: [{ ...second, Index: first?.Index ?? 0 }] })).rejects.toThrow(
    'our inclusion proof',
  );
  await expect(check({ Consistency: [] })).rejects.toThrow('our consistency proof');
  const bundle = join(folder, 'log/tile/entries/000');
  const original = await readFile(bundle);
  await writeFile(bundle, original.toString('latin1').replace('alice', 'mallo'), 'latin1');
  await expect(check()).rejects.toThrow('tlog.CheckRecord');
  await writeFile(bundle, original);
  const tile = join(folder, 'log/tile/0/000');
  const hashes = await readFile(tile);
  hashes[0] = (hashes[0] ?? 0) ^ 1;
  await writeFile(tile, hashes);
  await expect(check()).rejects.toThrow('tlog.');
}, 120_000);
