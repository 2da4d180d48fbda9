import * as z from 'zod/mini';
import { idSchema } from './id.js';

/** The agent's bill of materials: the program that registers and where it runs (docs/protocol.md section 4). */
export interface AgentBillOfMaterials {
  agent_version: string;
  agent_harness_id: string;
  running_location: string;
}

/** Reads a bill of materials and drops unknown members. */
export const agentBillOfMaterialsSchema: z.ZodMiniType<AgentBillOfMaterials> = z.object({
  agent_version: z.string(),
  agent_harness_id: z.string(),
  running_location: z.string(),
});

/** The body of `POST {authapi}/v1/agent/register` (docs/protocol.md section 4). */
export interface AgentRegistrationRequest {
  abom: AgentBillOfMaterials;
  /** An OpenSSH line, `ssh-ed25519 …`. */
  agent_public_key: string;
  capabilities: string[];
  /** Requested lifetime of the registration, in seconds; null for no limit. */
  ttl: number | null;
}

/** Reads the request and drops unknown members. Does not check the public key: use `readSshPublicKey`. */
export const agentRegistrationRequestSchema: z.ZodMiniType<AgentRegistrationRequest> = z.object({
  abom: agentBillOfMaterialsSchema,
  agent_public_key: z.string(),
  capabilities: z.array(z.string()),
  ttl: z.nullable(z.int().check(z.positive())),
});

/** The response of `POST {authapi}/v1/agent/register` (docs/protocol.md section 4). */
export interface AgentRegistrationResponse {
  agent_runtime_id: string;
  /** The account that the runtime belongs to, from authorities of this project. */
  account?: RegisteredAccount | undefined;
}

/** The members of an agent identity record that say whom the runtime belongs to (docs/protocol.md section 9). */
export interface RegisteredAccount {
  account_id: string;
  chatgpt_user_id: string;
  email: string;
  plan_type: string;
  chatgpt_account_is_fedramp: boolean;
}

const registeredAccountSchema = z.object({
  account_id: idSchema,
  chatgpt_user_id: idSchema,
  email: z.string(),
  plan_type: z.string(),
  chatgpt_account_is_fedramp: z.boolean(),
});

/** Reads the response and drops unknown members. */
export const agentRegistrationResponseSchema: z.ZodMiniType<AgentRegistrationResponse> = z.object({
  agent_runtime_id: idSchema,
  // Other authorities may mean something else by it.
  account: z.catch(z.optional(registeredAccountSchema), undefined),
});
