import { setTimeout as sleep } from 'node:timers/promises';
import type { AuthorityStore } from 'agent-identity-authority-core';
import { toAdminSigningKeys } from 'agent-identity-authority-core/admin-wire';
import { inspectStore } from 'agent-identity-authority-sql';
import type { CommandIo } from '../commands/command-io.js';
import type { Configuration } from '../configuration/configuration.js';
import { openConfiguredStore, readStoreOptions } from '../configuration/open-configured-store.js';
import { checkClock } from './check-clock.js';
import { checkKeys } from './check-keys.js';
import { type Finding, failed, found, passed } from './finding.js';

/** Looks at the store of these settings, and changes nothing: it opens a store only if that migrates nothing. */
export async function* checkStore(
  configuration: Configuration,
  { clock }: CommandIo,
): AsyncGenerator<Finding, void> {
  try {
    const options = { ...(await readStoreOptions(configuration)), ifMissing: 'refuse' as const };
    const inspection = await inspectStore(configuration.store, options, { clock });
    const { schemaVersion, latestSchemaVersion, databaseClockAheadMs } = inspection;
    if (databaseClockAheadMs !== null) yield checkClock('the database', databaseClockAheadMs);
    if (schemaVersion !== latestSchemaVersion) {
      yield judgeVersion(schemaVersion, latestSchemaVersion);
      return;
    }
    yield passed('store', `the store can be opened and has schema version ${schemaVersion}`);
    const store = await openConfiguredStore(configuration, {
      ifMissing: 'refuse',
      onFailure: () => {},
      onCreate: () => {},
    });
    try {
      const keys = toAdminSigningKeys(await store.listSigningKeys(), clock());
      yield checkKeys(keys, clock(), configuration.rotation.everySeconds);
      yield await checkAuditLog(store);
    } finally {
      await store.close();
    }
  } catch (error) {
    yield failed('store', error);
  }
}

function judgeVersion(version: number, latest: number): Finding {
  const message = `the database has schema version ${version}, and this release uses ${latest}`;
  if (version === 0) {
    return found('problem', 'store', { code: 'store_not_ready', message: 'the database has no store' });
  }
  return version < latest
    ? found('warning', 'store', { code: 'store_outdated', message })
    : found('problem', 'store', { code: 'store_not_ready', message });
}

/** Longer than entries wait for their places while a server works. */
const patienceMs = 2000;

async function checkAuditLog(store: AuthorityStore): Promise<Finding> {
  const before = await store.auditLogPosition();
  if (before.nextWaiting !== undefined) {
    await sleep(patienceMs);
    const after = await store.auditLogPosition();
    if (after.nextWaiting === before.nextWaiting) {
      const message = `an entry waits for its place after the ${before.size} entries of the log`;
      return found('warning', 'audit log', { code: 'audit_log_lags', message });
    }
  }
  const checkpoint = await store.auditCheckpoint();
  const { size } = await store.auditLogPosition();
  return judgeCheckpoint(size, checkpoint?.size ?? 0);
}

/** Judges a checkpoint that was read before the size of the log. */
export function judgeCheckpoint(entries: number, signed: number): Finding {
  if (signed > entries) {
    const message = `the checkpoint signs ${signed} entries, and the log has ${entries}`;
    return found('problem', 'audit log', { code: 'audit_log_broken', message });
  }
  return passed('audit log', `${entries} entries; the checkpoint signs ${signed}`);
}
