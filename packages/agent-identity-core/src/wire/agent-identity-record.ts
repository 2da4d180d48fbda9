import * as z from 'zod';
import { idSchema } from './id.js';

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
  /** Empty for none. */
  email: string;
  /** As stored. Use `planTypeSchema` to normalize it. */
  plan_type: string;
  chatgpt_account_is_fedramp: boolean;
  /** The run task. Absent if none is registered. */
  task_id?: string | undefined;
}

/** Reads a record and drops unknown members. A task id of null means none. */
export const agentIdentityRecordSchema: z.ZodType<AgentIdentityRecord> = z.object({
  agent_runtime_id: idSchema,
  agent_private_key: z.string().min(1),
  account_id: idSchema,
  chatgpt_user_id: idSchema,
  email: z.string(),
  plan_type: z.string(),
  chatgpt_account_is_fedramp: z.boolean(),
  task_id: z
    .string()
    .nullish()
    .transform((taskId) => taskId ?? undefined),
}) as z.ZodType<AgentIdentityRecord>;
