import * as z from 'zod/mini';
import { idSchema } from './id.js';
import { type PlanType, planTypeSchema } from './plan-type.js';

/**
 * A stored agent identity in the form of `auth.json` (docs/protocol.md section 9). `agent_private_key` is a **secret**, and
 * so is the whole record.
 */
export interface AgentIdentityRecord {
  agent_runtime_id: string;
  /** **Secret.** Standard base64 of the PKCS#8 document. */
  agent_private_key: string;
  account_id: string;
  chatgpt_user_id: string;
  /** Empty for none. Null or absent in some stored records, which reads as empty. */
  email: string;
  /** As stored. Compare with `normalizePlanType`. */
  plan_type: PlanType;
  chatgpt_account_is_fedramp: boolean;
  /** The run task. Absent if none is registered. */
  task_id?: string | undefined;
}

/**
 * An agent identity whose key lives outside of the process, in an `AgentSigner`. **Ours**: it is given as an option, together with the
 * signer, and never in `auth.json`. Nothing in it is secret.
 */
export type KeylessAgentIdentityRecord = Omit<AgentIdentityRecord, 'agent_private_key'>;

const publicMembers = {
  agent_runtime_id: idSchema,
  account_id: idSchema,
  chatgpt_user_id: idSchema,
  email: z.pipe(
    z.nullish(z.string()),
    z.transform((email) => email ?? ''),
  ),
  plan_type: planTypeSchema,
  chatgpt_account_is_fedramp: z.boolean(),
  task_id: z.pipe(
    z.nullish(z.string()),
    z.transform((taskId) => taskId ?? undefined),
  ),
} as const;

/** Reads a record and drops unknown members. A missing or null `email` reads as empty, a null `task_id` as none. */
export const agentIdentityRecordSchema: z.ZodMiniType<AgentIdentityRecord> = z.object({
  agent_runtime_id: publicMembers.agent_runtime_id,
  agent_private_key: z.string().check(z.minLength(1)),
  account_id: publicMembers.account_id,
  chatgpt_user_id: publicMembers.chatgpt_user_id,
  email: publicMembers.email,
  plan_type: publicMembers.plan_type,
  chatgpt_account_is_fedramp: publicMembers.chatgpt_account_is_fedramp,
  task_id: publicMembers.task_id,
}) as z.ZodMiniType<AgentIdentityRecord>;

/** Reads a record without a key in the same way, and refuses one with a key. */
export const keylessAgentIdentityRecordSchema: z.ZodMiniType<KeylessAgentIdentityRecord> = z.object({
  ...publicMembers,
  agent_private_key: z.optional(z.undefined()),
}) as z.ZodMiniType<KeylessAgentIdentityRecord>;
