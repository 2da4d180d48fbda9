import * as z from 'zod/mini';
import { idSchema } from './id.js';
import { type PlanType, planTypeSchema } from './plan-type.js';

/**
 * The claims of an Agent Identity JWT (docs/protocol.md section 7). `agent_private_key` is a **secret**, and so is the
 * whole object.
 */
export interface AgentIdentityClaims {
  iss: string;
  aud: string;
  /** Seconds since the Unix epoch. */
  exp: number;
  /** Seconds since the Unix epoch. */
  iat: number;
  /** Seconds since the Unix epoch. */
  nbf?: number | undefined;
  agent_runtime_id: string;
  /** **Secret.** Standard base64 of the PKCS#8 document. */
  agent_private_key: string;
  account_id: string;
  chatgpt_user_id: string;
  /** `undefined` if the claim is missing, null or empty. */
  email?: string | undefined;
  /** As it came. Compare with `normalizePlanType`. */
  plan_type: PlanType;
  chatgpt_account_is_fedramp: boolean;
}

const emailClaim = z.pipe(
  z.nullish(z.string()),
  z.transform((email) => email || undefined),
);

/**
 * Reads these claims and drops all others. Checks their types, but nothing that needs a key or a clock. `exp` and `iat` are
 * unsigned whole numbers.
 */
export const agentIdentityClaimsSchema: z.ZodMiniType<AgentIdentityClaims> = z.object({
  iss: z.string().check(z.minLength(1)),
  aud: z.string().check(z.minLength(1)),
  exp: z.int().check(z.nonnegative()),
  iat: z.int().check(z.nonnegative()),
  nbf: z.pipe(
    z.nullish(z.number()),
    z.transform((seconds) => seconds ?? undefined),
  ),
  agent_runtime_id: idSchema,
  agent_private_key: z.string().check(z.minLength(1)),
  account_id: idSchema,
  chatgpt_user_id: idSchema,
  email: emailClaim,
  plan_type: planTypeSchema,
  chatgpt_account_is_fedramp: z.boolean(),
}) as z.ZodMiniType<AgentIdentityClaims>;
