import { authorityError } from './errors.js';

/** Is told what went wrong beneath an answer 5xx, as it was thrown. It may hold what the store put into it. What it throws itself is ignored. */
export type OnFailure = (failure: unknown) => void;

/** What an authority depends on, and the code of its failures. */
export type DependencyFailureCode = 'store_unavailable' | 'authenticator_unavailable';

/**
 * Calls something that may fail for reasons of its own. The failure goes to `onFailure`, and the caller gets an error
 * without a cause: a driver's message may quote a connection string or a row.
 *
 * @throws AgentIdentityError of the given code, retryable
 */
export async function toUnavailable<Answer>(
  code: DependencyFailureCode,
  call: () => Answer | Promise<Answer>,
  onFailure: OnFailure,
): Promise<Answer> {
  try {
    return await call();
  } catch (failure) {
    onFailure(failure);
    throw authorityError(code, `the ${code.replace('_unavailable', '')} could not answer; try again`, {
      retryable: true,
    });
  }
}

/** The same, but it cannot throw: telling of something must not become another failure. */
export function quietly<What>(tell: (what: What) => void): (what: What) => void {
  return (what) => {
    try {
      tell(what);
    } catch {
      // There is nobody left to tell.
    }
  };
}
