import { type AgentIdentityError, isAgentIdentityError } from 'agent-identity-core';
import { isRegistrationError, type RegistrationError } from 'agent-identity-registry';

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

/** The `RegistrationError` that the registration rejects with; fails for anything else. */
export async function failureOf(registration: Promise<unknown>): Promise<RegistrationError> {
  const error = await thrownBy(() => registration);
  if (isRegistrationError(error)) return error;
  throw new Error(`expected a RegistrationError, got ${error.code}: ${error.message}`);
}
