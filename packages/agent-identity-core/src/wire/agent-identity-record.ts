import * as z from 'zod';
import { idSchema } from './id.js';

/**
 * A stored agent identity, as `auth.json` holds it (docs/protocol.md section 9). `agent_private_key` is a secret, and so is
 * the whole record.
 */
export interface AgentIdentityRecord {
  agent_runtime_id: string;
  /** Secret: standard base64 of the PKCS#8 document. */
  agent_private_key: string;
  account_id: string;
  chatgpt_user_id: string;
  /** Empty for none. */
  email: string;
  /** As stored: `planTypeSchema` tells which plan it names. */
  plan_type: string;
  chatgpt_account_is_fedramp: boolean;
  /** The run task; absent while there is none. */
  task_id?: string | undefined;
}

/** Reads a record and drops members it does not know. A task id of null means none. */
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
