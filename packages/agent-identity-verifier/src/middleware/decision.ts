import { type Clock, isAgentIdentityError } from 'agent-identity-core';
import { ignoringErrors } from 'agent-identity-core/http';
import type { VerificationErrorCode } from '../errors.js';
import type { VerifiedAgent } from '../verified-agent.js';

/** The ids of a verified agent: a runtime under a task, or a runtime agent instance. */
export type DecisionAgent =
  | {
      readonly generation: 1;
      readonly agentRuntimeId: string;
      readonly taskId: string;
      readonly accountId: string;
    }
  | {
      readonly generation: 2;
      readonly runtimeAgentInstanceId: string;
      readonly agentHostId: string;
      readonly accountId: string | undefined;
    };

/** What a middleware decided about a request. Nothing in it is secret. */
export interface Decision {
  readonly outcome: 'accepted' | 'refused';
  /** What was judged. `bearer` only with the option `orBearer`; a request without credentials counts as `assertion`. */
  readonly by: 'assertion' | 'bearer';
  /** Why the request was refused; `internal_error` for an error that is not of this family. Undefined if it was accepted. */
  readonly code: VerificationErrorCode | 'internal_error' | undefined;
  /** The agent, if its assertion was verified, also if it may not send the request. */
  readonly agent: DecisionAgent | undefined;
  /** The option `capability`. */
  readonly capability: string | undefined;
  /** How long the decision took, by the monotonic clock. */
  readonly milliseconds: number;
}

/** The outcome of a request, for a `Decision`. */
export interface Outcome {
  readonly by: Decision['by'];
  /** Set if the request was refused. */
  readonly failure: { readonly error: unknown } | undefined;
  readonly agent: VerifiedAgent | undefined;
}

/** Creates the function that starts a decision, and returns the one that ends it. */
export function createDecisionReporter<Request>(
  onDecision: ((decision: Decision, request: Request) => void) | undefined,
  capability: string | undefined,
  monotonicClock: Clock,
): () => (outcome: Outcome, request: Request) => void {
  if (onDecision === undefined) return () => () => {};
  return () => {
    const startedAt = monotonicClock();
    return ({ by, failure, agent }, request) => {
      const decision: Decision = {
        outcome: failure === undefined ? 'accepted' : 'refused',
        by,
        code: failure && codeOf(failure.error),
        agent: agent && idsOf(agent),
        capability,
        milliseconds: monotonicClock() - startedAt,
      };
      ignoringErrors(() => onDecision(decision, request));
    };
  };
}

function codeOf(error: unknown): VerificationErrorCode | 'internal_error' {
  return isAgentIdentityError(error) ? (error.code as VerificationErrorCode) : 'internal_error';
}

function idsOf(agent: VerifiedAgent): DecisionAgent {
  if (agent.generation === 1) {
    const { generation, agentRuntimeId, taskId, accountId } = agent;
    return { generation, agentRuntimeId, taskId, accountId };
  }
  const { generation, runtimeAgentInstanceId, agentHostId, accountId } = agent;
  return { generation, runtimeAgentInstanceId, agentHostId, accountId };
}
