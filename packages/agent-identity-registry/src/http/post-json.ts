import { RegistrationError, type RegistrationOperation } from '../registration-error.js';
import type { Failure } from './failure.js';
import { judgeExchange } from './judge-exchange.js';
import type { RegistrationRequest } from './registration-request.js';
import { retryDelay } from './retry-policy.js';
import type { RuntimeEffects } from './runtime-effects.js';
import { sendOnce } from './send-once.js';
import { untilAborted } from './until-aborted.js';

/**
 * Sends a registration, at most three times, and gives the id that it is answered with (docs/protocol.md sections 4 and 5).
 * The caller's signal rejects at once and with its own reason, between attempts too.
 *
 * @throws RegistrationError
 */
export async function postJson(request: RegistrationRequest, effects: RuntimeEffects): Promise<string> {
  const { clock, sleep, random, signal } = effects;
  for (let attempt = 1; ; attempt += 1) {
    signal?.throwIfAborted();
    const sent = await sendOnce(request, effects);
    signal?.throwIfAborted();
    const outcome = 'response' in sent ? judgeExchange(request, sent, clock()) : sent;
    if ('id' in outcome) return outcome.id;
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
