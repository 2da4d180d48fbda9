import { type AgentIdentityError, isAgentIdentityError } from 'agent-identity-core';

/** The error of this family that the action throws; fails if it throws none, or another. */
export function thrownBy(action: () => unknown): AgentIdentityError {
  try {
    action();
  } catch (error) {
    if (isAgentIdentityError(error)) return error;
    throw new Error(`expected an AgentIdentityError, got ${String(error)}`);
  }
  throw new Error('expected an AgentIdentityError, nothing was thrown');
}
