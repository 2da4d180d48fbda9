import {
  type AgentPublicKey,
  type Clock,
  readUnverifiedStatement,
  type SignedStatement,
  type StatementPurpose,
  type ValidityWindow,
  verifyStatement,
} from 'agent-identity-core';
import { explainSchemaError } from 'agent-identity-core/wire';
import type { core, ZodMiniType } from 'zod/mini';
import { authorityError } from '../errors.js';
import type { RequestErrorCode } from '../http/error-response.js';
import type { AuthorityStore } from '../store/authority-store.js';
import { requirePublicKey } from './register-agent-runtime.js';
import type { StoredAgentRuntime } from './runtime-store.js';

/** The errors of all operations whose body is a statement. */
export const statementErrors: readonly RequestErrorCode[] = [
  'malformed_statement',
  'invalid_agent_public_key',
  'invalid_agent_runtime_id',
  'invalid_signature',
  'statement_expired',
  'statement_in_future',
  'agent_runtime_deleted',
  'agent_runtime_expired',
  'agent_runtime_suspended',
  'agent_public_key_taken',
];

/** Dependencies of reading a statement of a runtime. */
export interface StatementParts {
  readonly store: AuthorityStore;
  readonly readKey: (publicKeySsh: string) => AgentPublicKey;
  readonly window: ValidityWindow;
  readonly clock: Clock;
}

/** A statement whose signatures and age are right, and the runtime that made it. */
export interface VerifiedStatement<Statement> {
  readonly statement: Statement;
  readonly runtime: StoredAgentRuntime;
}

/** What every statement has. */
interface StatementMembers {
  readonly agent_runtime_id: string;
  readonly agent_public_key: string;
}

/**
 * Reads and verifies a statement of the runtime of the path (docs/protocol.md section 13).
 *
 * @param keyOf The key that must have signed it, as an OpenSSH line.
 * @throws AgentIdentityError `malformed_statement`, `invalid_agent_public_key`, `invalid_agent_runtime_id`, `invalid_signature`,
 * `statement_expired`, `statement_in_future`, `store_unavailable`
 */
export async function readStatement<Statement extends StatementMembers>(
  {
    purpose,
    schema,
    agentRuntimeId,
    signed,
  }: {
    readonly purpose: StatementPurpose;
    readonly schema: ZodMiniType<Statement>;
    readonly agentRuntimeId: string;
    readonly signed: SignedStatement;
  },
  keyOf: (runtime: StoredAgentRuntime, statement: Statement) => string,
  { store, readKey, window, clock }: StatementParts,
): Promise<VerifiedStatement<Statement>> {
  const members = readUnverifiedStatement(signed);
  const parsed = schema.safeParse(members);
  if (!parsed.success) {
    const problem = explainSchemaError(parsed.error as core.$ZodError, members, 'statement');
    throw authorityError('malformed_statement', problem);
  }
  const statement = parsed.data;
  if (statement.agent_runtime_id !== agentRuntimeId) {
    throw authorityError(
      'malformed_statement',
      'statement.agent_runtime_id: expected the runtime of the path',
    );
  }
  requirePublicKey(statement.agent_public_key);
  const runtime = await store.findAgentRuntime(agentRuntimeId);
  if (runtime?.agentRuntimeId !== agentRuntimeId) {
    throw authorityError('invalid_agent_runtime_id', 'There is no such agent runtime.');
  }
  const publicKeySsh = keyOf(runtime, statement);
  requirePublicKey(publicKeySsh);
  const newPublicKey = readKey(statement.agent_public_key);
  verifyStatement(purpose, signed, { publicKey: readKey(publicKeySsh), newPublicKey, ...window }, { clock });
  return { statement, runtime };
}
