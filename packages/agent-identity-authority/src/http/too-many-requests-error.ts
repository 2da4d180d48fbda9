import { AgentIdentityError } from 'agent-identity-core';

/** A limit was reached. It is made and answered within this package, so `instanceof` will do. */
export class TooManyRequestsError extends AgentIdentityError<'too_many_requests'> {
  readonly retryAfterSeconds: number;

  constructor(retryAfterSeconds: number) {
    super('too_many_requests', 'There were too many requests; come again later.', { retryable: true });
    this.retryAfterSeconds = retryAfterSeconds;
  }
}
