import { authorityError } from './errors.js';

/**
 * Receives the original error behind a 5xx response, as it was thrown. It may contain what a driver or a provider put
 * into it: be careful where you log it. Exceptions of the listener are ignored.
 */
export type OnFailure = (failure: unknown) => void;

const names = {
  store_unavailable: 'store',
  authenticator_unavailable: 'authenticator',
  jwt_signer_unavailable: 'signer of JWTs',
} as const;

/**
 * Calls a dependency that may fail for its own reasons. The original error goes to `onFailure`; the caller gets an error
 * without a cause, because a driver's message may quote a connection string or a row.
 *
 * @throws AgentIdentityError with the given code, retryable
 */
export async function toUnavailable<Result>(
  code: keyof typeof names,
  call: () => Result | Promise<Result>,
  onFailure: OnFailure,
): Promise<Result> {
  try {
    return await call();
  } catch (failure) {
    onFailure(failure);
    throw authorityError(code, `The ${names[code]} did not answer; try again.`, {
      retryable: true,
    });
  }
}
