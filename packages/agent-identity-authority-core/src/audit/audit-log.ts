import { setTimeout as sleep } from 'node:timers/promises';
import { type AgentKey, type Clock, generateAgentKey, readAgentKey } from 'agent-identity-core';
import { formatVerifierKey, signCheckpoint } from '../log/checkpoint.js';
import type { AuditStore } from './audit-store.js';

/** The audit log of an authority: it gives entries their places and signs checkpoints. */
export interface AuditLog {
  /** Everybody who checks the log needs it. Not secret. */
  readonly verifierKey: string;
  /** Gives all waiting entries their places now. Resolves at once if another node is doing it. */
  sequence(): Promise<void>;
  /** Stops, after a last attempt to give the waiting entries their places. */
  close(): Promise<void>;
}

/** Dependencies of the audit log. */
export interface AuditLogParts {
  readonly store: AuditStore;
  readonly clock: Clock;
}

/** How long to collect entries: a transaction for each would cost more than their changes. */
const collectMilliseconds = 100;
/** How long to wait after a failure, which the store reports. */
const failedMilliseconds = 1000;

/**
 * Opens the audit log of a store, creates its key if there is none, and starts to give entries their places. Keeps no process
 * alive.
 *
 * @throws AgentIdentityError `store_unavailable`
 */
export async function openAuditLog({ store, clock }: AuditLogParts): Promise<AuditLog> {
  const { origin, agentKey } = await openKey(store, clock());
  const sequenceOnce = () =>
    store.sequenceAuditEntries((state) => signCheckpoint({ origin, ...state }, agentKey));
  // Not until none is waiting: under load there is always one.
  const sequence = async () => {
    while ((await sequenceOnce()).areMoreWaiting);
  };
  const stop = new AbortController();
  const done = keepSequencing(sequence, stop.signal);
  return {
    verifierKey: formatVerifierKey(origin, agentKey.publicKey),
    sequence,
    async close() {
      stop.abort();
      await done;
      // The next authority on this store goes on where this one failed.
      await sequence().catch(() => {});
    },
  };
}

async function keepSequencing(sequence: () => Promise<void>, stop: AbortSignal): Promise<void> {
  let pause = collectMilliseconds;
  while (!stop.aborted) {
    await sleep(pause, undefined, { signal: stop, ref: false }).catch(() => {});
    if (stop.aborted) return;
    pause = await sequence().then(
      () => collectMilliseconds,
      () => failedMilliseconds,
    );
  }
}

async function openKey(
  store: AuditStore,
  createdAt: number,
): Promise<{ readonly origin: string; readonly agentKey: AgentKey }> {
  const stored = await store.auditLogKey();
  if (stored !== undefined) return { origin: stored.origin, agentKey: readAgentKey(stored.privateKey) };
  const agentKey = generateAgentKey();
  const fingerprint = Buffer.from(agentKey.publicKey.bytes).toString('hex').slice(0, 16);
  const origin = `agent-identity-authority/${fingerprint}`;
  await store.addAuditLogKey({ origin, privateKey: agentKey.toPkcs8Base64(), createdAt });
  return openKey(store, createdAt);
}
