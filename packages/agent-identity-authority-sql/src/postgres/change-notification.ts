import type { StoreChange } from 'agent-identity-authority-core';
import { parseJson } from 'agent-identity-core/http';
import * as z from 'zod';

/** The channel for notifications between nodes that share a database. */
export const changesChannel = 'agent_identity';

const changeSchema: z.ZodType<StoreChange> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('agent_runtime_changed'), agentRuntimeId: z.string() }),
  z.object({ kind: z.literal('agent_task_revoked'), agentRuntimeId: z.string(), taskId: z.string() }),
  z.object({ kind: z.literal('runtime_agent_instances_changed') }),
  z.object({ kind: z.literal('signing_keys_changed') }),
  z.object({ kind: z.literal('anything_may_have_changed') }),
]);

export function formatChange(change: StoreChange): string {
  return JSON.stringify(change);
}

/** A payload of a later release that this one cannot read may concern anything. */
export function parseChange(payload: string | undefined): StoreChange {
  const { data } = changeSchema.safeParse(parseJson(payload ?? ''));
  return data ?? { kind: 'anything_may_have_changed' };
}
