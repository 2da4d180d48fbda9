import type { Administration } from '../administration.js';
import type { Operation, Route } from '../http/operation.js';
import { operatorOrigin } from '../http/operation.js';
import { readJsonBody } from '../http/read-json-body.js';
import { toInstant } from '../instant.js';
import {
  type IssueAgentIdentityResponse,
  issueAgentIdentityRequestSchema,
  issueAgentIdentityResponseSchema,
  toGrant,
} from './issue-agent-identity-wire.js';

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
