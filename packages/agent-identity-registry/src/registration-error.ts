import { AgentIdentityError } from 'agent-identity-core';
import type { ErrorBody } from 'agent-identity-core/wire';

const brand = Symbol.for('agent-identity.registration-error');

/** Which of the two registrations failed (docs/protocol.md sections 4 and 5). */
export type RegistrationOperation = 'agent_registration' | 'task_registration';

/**
 * How a registration failed that was sent to the AuthAPI.
 *
 * | code | retryable | meaning |
 * |---|---|---|
 * | `registration_unavailable` | yes | status 429 or 5xx at the last attempt, or a `Retry-After` too long to wait for |
 * | `registration_timed_out` | yes | no whole answer within the time limit, at the last attempt |
 * | `registration_connection_failed` | yes | the connection failed, or broke before the end of the answer, at the last attempt |
 * | `registration_refused` | no | any other status than 2xx and 3xx |
 * | `registration_redirected` | no | a redirect; none is followed |
 * | `malformed_registration_response` | no | status 2xx, but no usable id in the body |
 */
export type RegistrationErrorCode =
  | 'registration_unavailable'
  | 'registration_timed_out'
  | 'registration_connection_failed'
  | 'registration_refused'
  | 'registration_redirected'
  | 'malformed_registration_response';

/** What is known about a failed registration. Nothing in it is secret. */
export interface RegistrationErrorDetails {
  readonly operation: RegistrationOperation;
  /** How many requests were sent. */
  readonly attempts: number;
  readonly retryable: boolean;
  /** The status of the last answer, if one came. */
  readonly status?: number | undefined;
  /** At most 512 characters of the last answer's body, credentials and control characters taken out. */
  readonly bodyExcerpt?: string | undefined;
  /**
   * The `error` member of a JSON body (docs/protocol.md section 11), cleaned like the excerpt. Judge by these members, such as
   * `code === 'invalid_agent_runtime_id'`, and never by the text of the excerpt.
   */
  readonly serverError?: ErrorBody['error'] | undefined;
  /**
   * The server's `Date` minus our clock, in whole seconds: positive when the server is ahead. `undefined` without a
   * readable `Date` header.
   */
  readonly clockOffsetSeconds?: number | undefined;
  /** What the last answer's `Retry-After` asked for, in seconds from then. */
  readonly retryAfterSeconds?: number | undefined;
  readonly cause?: unknown;
}

/**
 * A registration that was sent and failed for good: either the failure is final, or every attempt was used up. Tell
 * them apart by `retryable`: true means that the AuthAPI was unavailable and the same call may work later.
 */
export class RegistrationError
  extends AgentIdentityError<RegistrationErrorCode>
  implements RegistrationErrorDetails
{
  override readonly name: string = 'RegistrationError';
  readonly operation: RegistrationOperation;
  readonly attempts: number;
  readonly status: number | undefined;
  readonly bodyExcerpt: string | undefined;
  readonly serverError: ErrorBody['error'] | undefined;
  readonly clockOffsetSeconds: number | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: RegistrationErrorCode, message: string, details: RegistrationErrorDetails) {
    super(code, message, { retryable: details.retryable, cause: details.cause });
    this.operation = details.operation;
    this.attempts = details.attempts;
    this.status = details.status;
    this.bodyExcerpt = details.bodyExcerpt;
    this.serverError = details.serverError;
    this.clockOffsetSeconds = details.clockOffsetSeconds;
    this.retryAfterSeconds = details.retryAfterSeconds;
    Object.defineProperty(this, brand, { value: true });
  }
}

/** Tells a `RegistrationError` from any other, by a registered symbol and never by `instanceof`. */
export function isRegistrationError(error: unknown): error is RegistrationError {
  return typeof error === 'object' && error !== null && Reflect.get(error, brand) === true;
}
