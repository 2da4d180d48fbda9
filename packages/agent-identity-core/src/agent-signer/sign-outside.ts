import type { Clock } from '../clock.js';
import { AgentIdentityError, coreError, describeType, isAgentIdentityError } from '../errors.js';
import { ignoringErrors } from '../http/ignoring-errors.js';
import { redactCredentials } from '../http/redact-credentials.js';
import { withDeadline } from '../http/with-deadline.js';
import { type AgentSigner, type SignerWaitOptions, timeoutSecondsOf } from './agent-signer.js';

/** What a signature outside of this process needs. */
export interface SignOutsideOptions {
  readonly signer: AgentSigner;
  /** Epoch milliseconds, as the timestamps in the message. */
  readonly clock: Clock;
  /** Ends the caller's wait. */
  readonly signal?: AbortSignal | null | undefined;
}

/**
 * Signs a message for the current time with a signer and returns the 64 bytes of the signature, checked with its public key.
 *
 * @param signedAt The time in the message. A signature that comes when the clock is farther away than the signer's limit,
 * such as after the machine has slept, is not returned.
 * @throws AgentIdentityError `signer_unavailable`, `signer_timed_out`, both retryable; `signer_mismatch`
 */
export async function signOutside(
  message: Uint8Array,
  signedAt: number,
  { signer, clock, signal }: SignOutsideOptions,
): Promise<Uint8Array> {
  const signature = await signWithSigner(signer, message, { signal });
  if (!isTimely(signedAt, clock(), signer)) {
    throw timedOut('the clock has moved on while it signed, so the timestamp is out of date');
  }
  return signature;
}

/**
 * Signs a message with a signer within its limit, and checks the signature with its public key. For assertions and task
 * registrations, use their own functions, which also check that the timestamp is not out of date.
 *
 * @returns the 64 bytes of the signature
 * @throws AgentIdentityError `signer_unavailable`, `signer_timed_out`, both retryable; `signer_mismatch`; the reason of the signal
 * @example
 * ```ts
 * import { type AgentSigner, signWithSigner } from 'agent-identity-core';
 *
 * async function canSign(signer: AgentSigner): Promise<boolean> {
 *   const message = new TextEncoder().encode('hello');
 *   return signWithSigner(signer, message).then(() => true, () => false);
 * }
 * ```
 */
export async function signWithSigner(
  signer: AgentSigner,
  message: Uint8Array,
  { signal }: SignerWaitOptions = {},
): Promise<Uint8Array> {
  const { publicKey } = signer;
  const timeoutSeconds = timeoutSecondsOf(signer);
  let returned: unknown;
  try {
    returned = await withDeadline({ timeoutSeconds, signal }, async (limit) =>
      signer.sign(Uint8Array.from(message), { signal: limit }),
    );
  } catch (error) {
    signal?.throwIfAborted();
    throw describeFailure(error, timeoutSeconds);
  }
  const signature = copySignature(returned);
  if (signature === undefined) {
    const got = returned instanceof Uint8Array ? 'bytes of another number' : describeType(returned);
    throw mismatch(`expected sign() to resolve to a Uint8Array of 64 bytes, got ${got}`);
  }
  if (!publicKey.verify(message, signature)) {
    throw mismatch(
      'the signature is not one of its public key: the signer signs with another key, or in another way',
    );
  }
  return signature;
}

/** Copied, so that the signer cannot change what was checked. */
function copySignature(returned: unknown): Uint8Array | undefined {
  try {
    return returned instanceof Uint8Array && returned.length === 64 ? Uint8Array.from(returned) : undefined;
  } catch {
    return undefined; // A proxy of an array.
  }
}

/** Whether a timestamp may still be handed out, also by a clock that was set while the signer worked. */
export function isTimely(signedAt: number, now: number, signer: AgentSigner): boolean {
  return Math.abs(now - signedAt) <= (timeoutSecondsOf(signer) + 1) * 1000;
}

function timedOut(reason: string): Error {
  return coreError('signer_timed_out', `signer: ${reason}`, { retryable: true });
}

function mismatch(reason: string): Error {
  return coreError('signer_mismatch', `signer: ${reason}`);
}

/** Characters that control a terminal or the direction of text. */
const unprintable = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]+/gu;

/** The error of a foreign signer may hold its request, and with it a credential. So only its cleaned message is kept. */
function describeFailure(error: unknown, timeoutSeconds: number): Error {
  if (isAgentIdentityError(error, 'timed_out')) return timedOut(`no signature within ${timeoutSeconds} s`);
  const text = readMessage(error);
  const reason = redactCredentials(text.slice(0, 2000))
    .replaceAll(unprintable, ' ')
    .slice(0, 200)
    .toWellFormed();
  const cause = isAgentIdentityError(error) ? error : undefined;
  return new AgentIdentityError('signer_unavailable', `signer: sign() failed: ${reason}`, {
    retryable: true,
    cause,
  });
}

function readMessage(error: unknown): string {
  const message = ignoringErrors(() => (error instanceof Error ? error.message : undefined));
  return typeof message === 'string' ? message : describeType(error);
}
