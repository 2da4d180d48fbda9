import {
  requireAgentSigner,
  requireWaitOptions,
  type SignerWaitOptions,
} from '../agent-signer/agent-signer.js';
import { isTimely } from '../agent-signer/sign-outside.js';
import type { Clock } from '../clock.js';
import { readClock } from '../http/effects.js';
import { createSingleFlight } from '../http/single-flight.js';
import type { SignerAssertionSubject } from './agent-assertion.js';
import { signAssertionAt } from './create-agent-assertion-async.js';
import { formatAgentAssertion, requireFittingIds } from './format-agent-assertion.js';

/** Creates the `Authorization` header for each request of one task, with a key outside of this process. */
export interface AsyncAssertionSigner {
  /**
   * Returns the header value for the second of the call. All calls within one second share one signature, also while the signer
   * works on it, and get identical values. A **secret** while it is fresh: anyone who has it can act as the agent until it expires.
   *
   * @throws AgentIdentityError `signer_unavailable`, `signer_timed_out`, both retryable: the next call asks the signer again;
   * `signer_mismatch`; `invalid_argument` if the clock does not work
   */
  authorizationHeader(options?: SignerWaitOptions): Promise<string>;
}

/**
 * Creates a signer like `createAssertionSigner`, with a key outside of this process, such as in an ssh-agent. Its headers are
 * promises. A second costs one signature, for any number of concurrent calls, so that a slow signer is affordable.
 *
 * @throws AgentIdentityError `invalid_argument`
 * @example
 * ```ts
 * import { type AgentSigner, createAsyncAssertionSigner } from 'agent-identity-core';
 *
 * async function createHeaders(signer: AgentSigner) {
 *   const headers = createAsyncAssertionSigner({ signer, agentRuntimeId: 'agent-1', taskId: 'task-1' });
 *   return { authorization: await headers.authorizationHeader({ signal: AbortSignal.timeout(2000) }) };
 * }
 * ```
 */
export function createAsyncAssertionSigner(
  { signer, agentRuntimeId, taskId }: SignerAssertionSubject,
  { clock = Date.now }: { readonly clock?: Clock | undefined } = {},
): AsyncAssertionSigner {
  requireAgentSigner(signer);
  requireFittingIds({ agentRuntimeId, taskId });
  const headerOf = oncePerSecond({ signer, agentRuntimeId, taskId }, clock);
  return {
    async authorizationHeader(options = {}) {
      requireWaitOptions(options);
      const { signal } = options;
      const now = readClock(clock);
      try {
        return await headerOf(now, signal);
      } catch (error) {
        // The clock was set while the signer worked, such as by the time of a server, or the machine has slept.
        const later = readClock(clock);
        if (signal?.aborted || isTimely(now, later, signer)) throw error;
        return headerOf(later, signal);
      }
    },
  };
}

/** Signs once for all calls with a time of the same second. */
function oncePerSecond(
  subject: SignerAssertionSubject,
  clock: Clock,
): (now: number, signal: AbortSignal | null | undefined) => Promise<string> {
  const flights = createSingleFlight<string>();
  let latestSecond: number | undefined;
  let signed: { readonly second: number; readonly header: string } | undefined;

  async function sign(now: number, second: number, signal: AbortSignal): Promise<string> {
    const header = formatAgentAssertion(await signAssertionAt(now, subject, { clock, signal }));
    // A slow signature of an earlier second does not take the place of a later one.
    if (second === latestSecond) signed = { second, header };
    return header;
  }

  return async (now, signal) => {
    const second = Math.floor(now / 1000);
    latestSecond = second;
    if (signed?.second === second) return signed.header;
    return flights.join(String(second), (ended) => sign(now, second, ended), signal);
  };
}
