import * as z from 'zod';
import { idSchema } from './id.js';

/** The agent's bill of materials: what registers, and where it runs (docs/protocol.md section 4). */
export interface AgentBillOfMaterials {
  agent_version: string;
  agent_harness_id: string;
  running_location: string;
}

/** Reads a bill of materials and drops members it does not know. */
export const agentBillOfMaterialsSchema: z.ZodType<AgentBillOfMaterials> = z.object({
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
  /** Seconds that the registration is asked to live; null for no end. */
  ttl: number | null;
}

/** Reads the request and drops members it does not know; whether the public key is usable is for `readSshPublicKey`. */
export const agentRegistrationRequestSchema: z.ZodType<AgentRegistrationRequest> = z.object({
  abom: agentBillOfMaterialsSchema,
  agent_public_key: z.string(),
  capabilities: z.array(z.string()),
  ttl: z.int().positive().nullable(),
});

/** The answer to it; other members are ignored. */
export interface AgentRegistrationResponse {
  agent_runtime_id: string;
}

/** Reads the answer and drops members it does not know. */
export const agentRegistrationResponseSchema: z.ZodType<AgentRegistrationResponse> = z.object({
  agent_runtime_id: idSchema,
});
