import type { Administration } from '../administration.js';
import { requireWithinLimit } from '../http/administrator-accounts.js';
import { administratorOrigin, type Operation, type Route } from '../http/operation.js';
import { readJsonBody } from '../http/read-input.js';
import {
  issueAgentIdentityRequestSchema,
  issueAgentIdentityResponseSchema,
  toIssueOptions,
  toIssueResponse,
} from './issue-agent-identity-wire.js';

const operation: Operation = {
  operationId: 'issueAgentIdentity',
  method: 'post',
  path: '/v1/admin/agents',
  summary:
    'Creates an agent key, registers its public key, and returns the Agent Identity JWT with the private key',
  access: 'administrator',
  body: issueAgentIdentityRequestSchema,
  response: { description: 'The new identity', schema: issueAgentIdentityResponseSchema, status: 201 },
  errors: ['account_not_found', 'jwt_signer_unavailable', 'jwt_signer_mismatch'],
};

/** Creates the route that issues an Agent Identity JWT. */
export function createIssueAgentIdentityRoute({
  administration,
}: {
  readonly administration: Administration;
}): Route {
  return {
    operation,
    async handle(context) {
      const options = toIssueOptions(await readJsonBody(context, issueAgentIdentityRequestSchema));
      requireWithinLimit(context, options.account.accountId);
      const issued = await administration.issueAgentIdentityJwt(options, administratorOrigin(context));
      return context.json(toIssueResponse(issued), 201);
    },
  };
}
