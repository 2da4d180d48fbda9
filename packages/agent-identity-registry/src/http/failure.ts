import { systemErrorCode } from 'agent-identity-core/http';
import type { RegistrationErrorCode, RegistrationErrorDetails } from '../registration-error.js';
import { cleanExcerpt } from './clean-excerpt.js';

/** How one attempt failed. */
export interface Failure extends Omit<RegistrationErrorDetails, 'operation' | 'attempts'> {
  readonly code: RegistrationErrorCode;
  /** Part of the error message; contains no secret. */
  readonly reason: string;
}

export function timedOut(timeoutSeconds: number): Failure {
  return {
    code: 'registration_timed_out',
    reason: `no complete response within ${timeoutSeconds} s`,
    retryable: true,
  };
}

/**
 * Describes an error of `fetch` instead of keeping it as the cause: the error of an injected `fetch` may hold the
 * request, and with it the access token.
 */
export function connectionFailed(error: unknown, secrets: readonly string[]): Failure {
  const causes = [error, readMember(error, 'cause')];
  const words = [systemErrorCode(error), ...causes.map((cause) => readMember(cause, 'message'))];
  const text = [...new Set(words.filter((word) => typeof word === 'string' && word !== ''))].join(': ');
  return {
    code: 'registration_connection_failed',
    reason: `the connection failed (${cleanExcerpt(text || 'no reason given', secrets)})`,
    retryable: true,
  };
}

function readMember(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
