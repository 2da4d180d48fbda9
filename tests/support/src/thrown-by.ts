const brand = Symbol.for('agent-identity.error');

/** An error of the family, as its registered symbol shows it. */
export interface CodedError extends Error {
  readonly code: string;
  readonly retryable: boolean;
}

/**
 * Returns the error of the family that the action throws or rejects with; fails if there is none, or another error.
 *
 * An action that throws at once gives the error itself; one that returns a promise gives a promise of the error.
 */
export function thrownBy(action: () => Promise<unknown>): Promise<CodedError>;
export function thrownBy(action: () => unknown): CodedError;
export function thrownBy(action: () => unknown): CodedError | Promise<CodedError> {
  let result: unknown;
  try {
    result = action();
  } catch (error) {
    return requireCodedError(error);
  }
  if (!(result instanceof Promise)) throw new Error('expected an AgentIdentityError, nothing was thrown');
  return result.then(() => {
    throw new Error('expected an AgentIdentityError, the promise was fulfilled');
  }, requireCodedError);
}

function requireCodedError(error: unknown): CodedError {
  if (isCodedError(error)) return error;
  throw new Error(`expected an AgentIdentityError, got ${String(error)}`, { cause: error });
}

function isCodedError(error: unknown): error is CodedError {
  return error instanceof Error && brand in error;
}
