import type { StoreChange } from 'agent-identity-authority-core';
import * as z from 'zod';

/** The channel that nodes on one database notify each other on. */
export const changesChannel = 'agent_identity';

const changeSchema: z.ZodType<StoreChange> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('agent_runtime_revoked'), agentRuntimeId: z.string() }),
  z.object({ kind: z.literal('agent_task_revoked'), agentRuntimeId: z.string(), taskId: z.string() }),
  z.object({ kind: z.literal('signing_keys_changed') }),
  z.object({ kind: z.literal('anything_may_have_changed') }),
]);

export function printChange(change: StoreChange): string {
  return JSON.stringify(change);
}

/** What a later release says in words that this one does not know may concern anything. */
export function readChange(payload: string | undefined): StoreChange {
  try {
    return changeSchema.parse(JSON.parse(payload ?? ''));
  } catch {
    return { kind: 'anything_may_have_changed' };
  }
}
