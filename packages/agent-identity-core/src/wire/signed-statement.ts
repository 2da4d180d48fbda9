import * as z from 'zod/mini';
import type { SignedStatement } from '../signed-statement/signed-statement.js';
import { type AgentBillOfMaterials, agentBillOfMaterialsSchema } from './agent-registration.js';
import { idSchema } from './id.js';

/** Reads the body of a child's registration or of a key change. Refuses unknown members. */
export const signedStatementSchema: z.ZodMiniType<SignedStatement> = z.strictObject({
  statement: z.string(),
  signature: z.string(),
  new_key_signature: z.string(),
});

/** What a runtime signs to register a child: a runtime of its own for a sub-agent (docs/protocol.md section 13). */
export interface ChildRegistrationStatement {
  /** The runtime that registers the child. */
  agent_runtime_id: string;
  /** The child's key: an OpenSSH line, `ssh-ed25519 …`. */
  agent_public_key: string;
  abom: AgentBillOfMaterials;
  /** What the child asks for. It is granted what its parent has. */
  capabilities: string[];
  /** Requested lifetime in seconds; null for that of the parent. */
  ttl: number | null;
  /** For people; null for none. */
  name: string | null;
  /** RFC 3339, UTC, whole seconds, `Z`. */
  timestamp: string;
}

/** Reads the statement. Refuses unknown members. */
export const childRegistrationStatementSchema: z.ZodMiniType<ChildRegistrationStatement> = z.strictObject({
  agent_runtime_id: idSchema,
  agent_public_key: z.string(),
  abom: agentBillOfMaterialsSchema,
  capabilities: z.array(z.string()),
  ttl: z.nullable(z.int().check(z.positive())),
  name: z.nullable(z.string().check(z.minLength(1), z.maxLength(255))),
  timestamp: z.string(),
});

/** The response to the registration of a child. */
export interface ChildRegistrationResponse {
  agent_runtime_id: string;
  /** What the child may do: what it asked for and its parent may. */
  capabilities: string[];
  /** RFC 3339; null if it never expires, because its parent does not. */
  expires_at: string | null;
}

/** Reads the response and drops unknown members. */
export const childRegistrationResponseSchema: z.ZodMiniType<ChildRegistrationResponse> = z.object({
  agent_runtime_id: idSchema,
  capabilities: z.array(z.string()),
  expires_at: z.nullable(z.iso.datetime()),
});

/** What a runtime signs to change its key (docs/protocol.md section 13). */
export interface KeyChangeStatement {
  agent_runtime_id: string;
  /** The key that the runtime has: an OpenSSH line. */
  previous_public_key: string;
  /** The key that it gets. */
  agent_public_key: string;
  /** Whether the tasks of the runtime end. Otherwise the new key signs for them. */
  end_tasks: boolean;
  /** RFC 3339, UTC, whole seconds, `Z`. */
  timestamp: string;
}

/** Reads the statement. Refuses unknown members. */
export const keyChangeStatementSchema: z.ZodMiniType<KeyChangeStatement> = z.strictObject({
  agent_runtime_id: idSchema,
  previous_public_key: z.string(),
  agent_public_key: z.string(),
  end_tasks: z.boolean(),
  timestamp: z.string(),
});

/** The response to a key change: the key that the runtime has now. */
export interface KeyChangeResponse {
  agent_runtime_id: string;
  agent_public_key: string;
}

/** Reads the response and drops unknown members. */
export const keyChangeResponseSchema: z.ZodMiniType<KeyChangeResponse> = z.object({
  agent_runtime_id: idSchema,
  agent_public_key: z.string(),
});
