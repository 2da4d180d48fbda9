import type { Administration } from '../administration.js';
import type { Operation, Route } from '../http/operation.js';
import { operatorOrigin } from '../http/operator-origin.js';
import { readJsonBody } from '../http/read-json-body.js';
import type { AgentIdentityGrant } from '../issue-agent-identity-jwt.js';
import { toInstant } from '../wire/instant.js';
import {
  type IssueAgentIdentityRequest,
  type IssueAgentIdentityResponse,
  issueAgentIdentityRequestSchema,
  issueAgentIdentityResponseSchema,
} from '../wire/issue-agent-identity.js';

export interface AdminIssueParts {
  readonly administration: Administration;
}

const operation: Operation = {
  operationId: 'issueAgentIdentity',
  method: 'post',
  path: '/v1/admin/agents',
  summary: 'Makes an agent key, registers its public half, and gives the Agent Identity JWT that carries it',
  access: 'administrator',
  body: issueAgentIdentityRequestSchema,
  answer: { description: 'The new identity', schema: issueAgentIdentityResponseSchema, status: 201 },
  errors: [],
};

export function adminIssueRoute({ administration }: AdminIssueParts): Route {
  return {
    operation,
    async handle(context) {
      const grant = toGrant(await readJsonBody(context, issueAgentIdentityRequestSchema));
      const issued = await administration.issueAgentIdentityJwt(grant, operatorOrigin(context));
      const answer: IssueAgentIdentityResponse = {
        agent_runtime_id: issued.agentRuntimeId,
        jwt: issued.jwt,
        expires_at: toInstant(issued.expiresAt),
      };
      return context.json(answer, 201);
    },
  };
}

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
