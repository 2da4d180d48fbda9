import {
  type KeyChangeResponse,
  keyChangeResponseSchema,
  keyChangeStatementSchema,
  signedStatementSchema,
} from 'agent-identity-core/wire';
import { authorityError } from '../errors.js';
import type { Operation, Route } from '../http/operation.js';
import { readJsonBody } from '../http/read-input.js';
import { readStatement, type StatementParts, statementErrors } from './read-statement.js';
import { agentRuntimeDeleted, requireActive } from './runtime-status.js';

const operation: Operation = {
  operationId: 'changeAgentKey',
  method: 'post',
  path: '/v1/agent/{agent_runtime_id}/key',
  summary: 'Changes the key of an agent runtime with signatures of both keys',
  access: 'public',
  body: signedStatementSchema,
  response: {
    description: 'The key that the runtime has now; a repeat is answered alike',
    schema: keyChangeResponseSchema,
  },
  errors: [...statementErrors],
};

/** Creates the route that changes a key (docs/protocol.md section 13). */
export function createKeyChangeRoute(
  parts: StatementParts & { readonly countRuntime: (id: string, signature: string) => Promise<void> },
): Route {
  const { store, clock, countRuntime } = parts;
  return {
    operation,
    async handle(context) {
      const signed = await readJsonBody(context, signedStatementSchema);
      const agentRuntimeId = context.req.param('agent_runtime_id') ?? '';
      const { statement, runtime } = await readStatement(
        { purpose: 'key-change', schema: keyChangeStatementSchema, agentRuntimeId, signed },
        // After the change, a repeat is still signed by the key that the runtime had.
        ({ publicKeySsh }, { agent_public_key, previous_public_key }) =>
          publicKeySsh === agent_public_key ? previous_public_key : publicKeySsh,
        parts,
      );
      await countRuntime(agentRuntimeId, signed.signature);
      const now = clock();
      requireActive(runtime, now);
      const change = {
        from: statement.previous_public_key,
        to: statement.agent_public_key,
        endTasks: statement.end_tasks,
      };
      const changed = await store.changeAgentRuntimeKey(agentRuntimeId, change, now);
      if (changed === undefined || changed.revokedAt !== null) throw agentRuntimeDeleted();
      if (changed.publicKeySsh !== change.to) {
        const message =
          changed.publicKeySsh === change.from
            ? 'The public key is already registered.'
            : 'The key of the agent runtime has changed meanwhile.';
        throw authorityError('agent_public_key_taken', message);
      }
      const response: KeyChangeResponse = {
        agent_runtime_id: agentRuntimeId,
        agent_public_key: changed.publicKeySsh,
      };
      return context.json(response);
    },
  };
}
