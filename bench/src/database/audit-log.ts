import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { createAuthority, staticTokens, verifyAuditLog } from 'agent-identity-authority-core';
import { openStore } from 'agent-identity-authority-sql';
import type { Measurement } from '../measure.js';
import { newRuntime, newTask } from './sample.js';

const entries = 100_000;
const runtimes = 100;

/** Measures how fast entries of the audit log get their places, and how fast all are verified. The baseline hashes their bytes. */
export async function measureAuditLog(databaseUrl: string): Promise<Measurement[]> {
  const store = await openStore(databaseUrl, { masterKey: randomBytes(32) });
  const authenticator = staticTokens([]);
  // Makes the keys, which is not measured.
  await (await createAuthority({ store, authenticator })).close();
  const ids = Array.from({ length: runtimes }, () => newRuntime());
  for (const runtime of ids) await store.addAgentRuntime(runtime);
  const add = async (client: number) => {
    for (let i = client; i < entries; i += 64) {
      await store.addAgentTask(newTask(ids[i % runtimes]?.agentRuntimeId ?? ''));
    }
  };
  await Promise.all(Array.from({ length: 64 }, (_, client) => add(client)));
  const startedAt = performance.now();
  const authority = await createAuthority({ store, authenticator });
  try {
    while (((await store.auditCheckpoint())?.size ?? 0) < entries + runtimes) await sleep(10);
    const sequenced = ((performance.now() - startedAt) * 1e6) / entries;
    const verified = await timed(async () => {
      const report = await verifyAuditLog(store);
      if (!report.intact || report.entries < entries) throw new Error('the audit log of the bench is broken');
    });
    const hashed = await timed(async () => {
      const bytes = Buffer.alloc(400);
      for (let i = 0; i < entries; i += 1) createHash('sha256').update(bytes).digest();
    });
    return [
      { name: 'node:crypto SHA-256 of 400 bytes', nanoseconds: hashed, ratio: 1 },
      { name: 'an entry gets its place', nanoseconds: sequenced, ratio: hashed / sequenced },
      { name: 'an entry is verified', nanoseconds: verified, ratio: hashed / verified },
    ];
  } finally {
    await authority.close();
    await store.close();
  }
}

/** @returns nanoseconds for each entry */
async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return ((performance.now() - startedAt) * 1e6) / entries;
}
