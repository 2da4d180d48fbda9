import type { RegistrationErrorCode, RegistrationErrorDetails } from '../registration-error.js';
import { cleanExcerpt } from './clean-excerpt.js';

/** How one attempt failed. */
export interface Failure extends Omit<RegistrationErrorDetails, 'operation' | 'attempts'> {
  readonly code: RegistrationErrorCode;
  /** For people; holds no secret. */
  readonly reason: string;
}

export function timedOut(timeLimitSeconds: number): Failure {
  return {
    code: 'registration_timed_out',
    reason: `no whole answer within ${timeLimitSeconds} s`,
    retryable: true,
  };
}

/**
 * The error of `fetch` is described and not kept as a cause: one that was injected may hold the request, and with it
 * the access token.
 */
export function connectionFailed(error: unknown, secrets: readonly string[]): Failure {
  const causes = [error, property(error, 'cause')];
  const code = causes.map((cause) => property(cause, 'code')).find((value) => typeof value === 'string');
  const words = [code, ...causes.map((cause) => property(cause, 'message'))];
  const text = [...new Set(words.filter((word) => typeof word === 'string' && word !== ''))].join(': ');
  return {
    code: 'registration_connection_failed',
    reason: `the connection failed (${cleanExcerpt(text || 'no reason given', secrets)})`,
    retryable: true,
  };
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
