import { type AgentBillOfMaterials, agentBillOfMaterialsSchema } from 'agent-identity-core/wire';
import * as z from 'zod';
import { instantSchema } from '../instant.js';
import type { AgentIdentityGrant } from './issue-agent-identity-jwt.js';

/** For whom an identity is issued, and for how long; see `AgentIdentityGrant`. */
export interface IssueAgentIdentityRequest {
  account: {
    account_id: string;
    chatgpt_user_id: string;
    email?: string | null | undefined;
    plan_type: string;
    is_fedramp: boolean;
  };
  lifetime_seconds?: number | undefined;
  runtime_ttl_seconds?: number | undefined;
  abom?: AgentBillOfMaterials | undefined;
  capabilities?: string[] | undefined;
}

const nameSchema = z.string().max(512).regex(/\S/).meta({ description: 'Not blank.' });

export const issueAgentIdentityRequestSchema: z.ZodType<IssueAgentIdentityRequest> = z.strictObject({
  account: z.strictObject({
    account_id: nameSchema,
    chatgpt_user_id: nameSchema,
    email: z.string().max(512).nullish(),
    plan_type: nameSchema,
    is_fedramp: z.boolean(),
  }),
  lifetime_seconds: z.int().positive().optional().meta({
    description: 'How long the JWT can be loaded; at most, and by default, what the authority allows.',
  }),
  runtime_ttl_seconds: z
    .int()
    .positive()
    .optional()
    .meta({ description: 'How long the runtime itself may act; without end by default.' }),
  abom: agentBillOfMaterialsSchema.optional(),
  capabilities: z.array(z.string()).optional(),
});

/** A new identity. */
export interface IssueAgentIdentityResponse {
  agent_runtime_id: string;
  /** **Secret**: it carries the private key, and exists nowhere else. */
  jwt: string;
  expires_at: string;
}

export const issueAgentIdentityResponseSchema: z.ZodType<IssueAgentIdentityResponse> = z.object({
  agent_runtime_id: z.string(),
  jwt: z
    .string()
    .meta({ description: 'Secret: it carries the private key of the agent, and exists nowhere else.' }),
  expires_at: instantSchema,
});

/** The grant that a request on the wire stands for. */
export function toGrant({ account, ...grant }: IssueAgentIdentityRequest): AgentIdentityGrant {
  return {
    account: {
      accountId: account.account_id,
      chatgptUserId: account.chatgpt_user_id,
      email: account.email ?? undefined,
      planType: account.plan_type,
      isFedramp: account.is_fedramp,
    },
    lifetimeSeconds: grant.lifetime_seconds,
    runtimeTtlSeconds: grant.runtime_ttl_seconds,
    abom: grant.abom,
    capabilities: grant.capabilities,
  };
}
