import { type RuntimeEffects, untilAborted } from 'agent-identity-core/http';
import { RegistrationError, type RegistrationOperation } from '../registration-error.js';
import type { Failure } from './failure.js';
import { parseRegistrationResponse } from './parse-registration-response.js';
import type { RegistrationRequest } from './registration-request.js';
import { retryDelay } from './retry-policy.js';
import { sendOnce } from './send-once.js';

/**
 * Sends a registration, at most three times, and returns the result in the response (docs/protocol.md sections 4 and 5). If
 * the caller's signal aborts, also between attempts, rejects at once with its reason.
 *
 * @throws RegistrationError
 */
export async function sendRegistration<T>(
  request: RegistrationRequest<T>,
  effects: RuntimeEffects,
): Promise<T> {
  const { clock, sleep, random, signal } = effects;
  for (let attempt = 1; ; attempt += 1) {
    signal?.throwIfAborted();
    const sent = await sendOnce(request, effects);
    signal?.throwIfAborted();
    const outcome = 'response' in sent ? parseRegistrationResponse(request, sent, clock()) : sent;
    if ('result' in outcome) return outcome.result;
    const delay = retryDelay(attempt, outcome, random);
    if (delay === undefined) throw registrationError(request.operation, attempt, outcome);
    await untilAborted(sleep(delay, signal), signal);
  }
}

function registrationError(
  operation: RegistrationOperation,
  attempts: number,
  { code, reason, ...details }: Failure,
): RegistrationError {
  const times = attempts === 1 ? '1 attempt' : `${attempts} attempts`;
  const message = `${operation.replace('_', ' ')} failed after ${times}: ${reason}`;
  return new RegistrationError(code, message, { operation, attempts, ...details });
}
