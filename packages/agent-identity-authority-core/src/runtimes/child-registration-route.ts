import {
  type ChildRegistrationResponse,
  type ChildRegistrationStatement,
  childRegistrationResponseSchema,
  childRegistrationStatementSchema,
  signedStatementSchema,
} from 'agent-identity-core/wire';
import { authorityError } from '../errors.js';
import type { Operation, Route } from '../http/operation.js';
import { readJsonBody } from '../http/read-input.js';
import { type EpochMilliseconds, toInstant } from '../instant.js';
import { newId } from '../new-id.js';
import { maxTtlSeconds } from '../require-whole-seconds.js';
import type { AuthorityStore } from '../store/authority-store.js';
import { maxDescendants, maxLineage } from './lineage.js';
import { readStatement, type StatementParts, statementErrors } from './read-statement.js';
import { type RuntimeRegistrar, requireWithinLimits } from './register-agent-runtime.js';
import { agentRuntimeDeleted, requireActive } from './runtime-status.js';
import type { StoredAgentRuntime } from './runtime-store.js';

const operation: Operation = {
  operationId: 'registerChildAgent',
  method: 'post',
  path: '/v1/agent/{agent_runtime_id}/child/register',
  summary: 'Registers a child of an agent runtime with signatures of both keys',
  access: 'public',
  body: signedStatementSchema,
  response: {
    description: 'The child; registering the key again returns the same one',
    schema: childRegistrationResponseSchema,
  },
  errors: [...statementErrors, 'lineage_too_deep', 'too_many_descendants'],
};

/** Creates the route of sub-agents (docs/protocol.md section 13). */
export function createChildRegistrationRoute(parts: StatementParts & RuntimeRegistrar): Route {
  const { store, clock, countAccount } = parts;
  return {
    operation,
    async handle(context) {
      const signed = await readJsonBody(context, signedStatementSchema);
      const agentRuntimeId = context.req.param('agent_runtime_id') ?? '';
      const { statement, runtime: parent } = await readStatement(
        { purpose: 'child-registration', schema: childRegistrationStatementSchema, agentRuntimeId, signed },
        ({ publicKeySsh }) => publicKeySsh,
        parts,
      );
      const now = clock();
      requireActive(parent, now);
      const candidate = createChild(parent, statement, now);
      await countAccount(parent.accountId, candidate.publicKeySsh);
      const child = await store.addChildAgentRuntime(candidate, { actor: `agent:${agentRuntimeId}` });
      if (child === undefined) throw await explainRefusal(candidate, store);
      if (child.lineage.at(-1) !== agentRuntimeId || child.publicKeySsh !== candidate.publicKeySsh) {
        throw authorityError('agent_public_key_taken', 'The public key is already registered.');
      }
      requireActive(child, now);
      const response: ChildRegistrationResponse = {
        agent_runtime_id: child.agentRuntimeId,
        capabilities: [...child.capabilities],
        expires_at: toInstant(child.expiresAt),
      };
      return context.json(response);
    },
  };
}

/** Tells why a child was not added: since it was read, its parent was suspended or revoked, or there is no room. */
async function explainRefusal(
  { lineage, createdAt }: StoredAgentRuntime,
  store: Pick<AuthorityStore, 'findAgentRuntime' | 'countDescendants'>,
): Promise<Error> {
  const parent = await store.findAgentRuntime(lineage.at(-1) ?? '');
  if (parent !== undefined) requireActive(parent, createdAt);
  return (await store.countDescendants(lineage[0] ?? '', createdAt)) < maxDescendants
    ? agentRuntimeDeleted()
    : authorityError('too_many_descendants', `An agent has at most ${maxDescendants} descendants at a time.`);
}

/**
 * A child has no more than its parent: the account, the owner and the labels are the same, capabilities and life within it.
 *
 * @throws AgentIdentityError `lineage_too_deep`, `invalid_request`
 */
export function createChild(
  parent: StoredAgentRuntime,
  { abom, agent_public_key: publicKeySsh, capabilities, ttl, name }: ChildRegistrationStatement,
  now: EpochMilliseconds,
): StoredAgentRuntime {
  const lineage = [...parent.lineage, parent.agentRuntimeId];
  if (lineage.length > maxLineage) {
    throw authorityError('lineage_too_deep', `An agent descends from at most ${maxLineage} others.`);
  }
  requireWithinLimits({ abom, capabilities });
  if (ttl !== null && ttl > maxTtlSeconds) {
    throw authorityError('invalid_request', `ttl: expected at most ${maxTtlSeconds} seconds.`);
  }
  const ends = [parent.expiresAt, ttl === null ? null : now + ttl * 1000].filter((end) => end !== null);
  return {
    ...parent,
    agentRuntimeId: newId('agent'),
    publicKeySsh,
    name,
    abom,
    capabilities: [...new Set(capabilities)].filter((capability) => parent.capabilities.includes(capability)),
    lineage,
    createdAt: now,
    expiresAt: ends.length === 0 ? null : Math.min(...ends),
    suspendedAt: null,
    revokedAt: null,
  };
}
