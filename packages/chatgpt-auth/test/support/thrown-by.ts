import { type AgentIdentityError, isAgentIdentityError } from 'agent-identity-core';

/** The error of this family that the action throws or rejects with; fails if it gives none, or another. */
export async function thrownBy(action: () => unknown): Promise<AgentIdentityError> {
  try {
    await action();
  } catch (error) {
    if (isAgentIdentityError(error)) return error;
    throw new Error(`expected an AgentIdentityError, got ${String(error)}`);
  }
  throw new Error('expected an AgentIdentityError, nothing was thrown');
}

export async function codeOf(action: () => unknown): Promise<string> {
  return (await thrownBy(action)).code;
}
