import { type Clock, isAgentIdentityError, parseAgentAssertion } from 'agent-identity-core';
import { acceptedAssertions } from './accepted-assertions.js';
import type { MaybePromise } from './agent-directory.js';
import type { AssertionVerifierOptions } from './assertion-verifier-options.js';
import { verificationError } from './errors.js';
import { genuineAssertionCheck, type RequireGenuineAssertion } from './genuine-assertion.js';
import { requireActiveRuntime, requireLiveTask, requireOwnerAccount } from './require-standing.js';
import { requireVerifierOptions } from './require-verifier-options.js';
import type { VerifiedAgent } from './verified-agent.js';

/** What a request says besides its assertion. */
export interface AssertionContext {
  /** The value of the `ChatGPT-Account-ID` header; null or undefined if there is none. */
  readonly accountId?: string | null | undefined;
  /** Where the request came from, by a source that the client cannot choose; only the abuse guard counts it. */
  readonly clientAddress?: string | undefined;
}

/** Judges the requests of a service. Make one and keep it: it remembers whose signatures it has checked. */
export interface AssertionVerifier {
  /**
   * Verifies the value of an `Authorization` header, null or undefined if there is none. The same value verifies again
   * and again inside its window, because real clients repeat it (docs/protocol.md section 11).
   *
   * @throws AgentIdentityError of a `VerificationErrorCode`; answer it with `verificationFailureResponse`
   */
  verify(headerValue: string | null | undefined, context?: AssertionContext): Promise<VerifiedAgent>;
}

/**
 * Makes the verifier of a service that accepts agent assertions (docs/protocol.md sections 3 and 11).
 *
 * The order of the checks is part of the contract: form, signature, age, and only then the runtime's status, the
 * account and the task. Whoever has no registered key learns nothing of runtimes, accounts or tasks, and an unknown
 * runtime costs the same signature check as a known one.
 *
 * @throws AgentIdentityError `invalid_argument`
 */
export function createAssertionVerifier(
  options: AssertionVerifierOptions,
  { clock = Date.now }: { readonly clock?: Clock | undefined } = {},
): AssertionVerifier {
  const { directory, accountMatch, maxRememberedAssertions, window, guard } = requireVerifierOptions(options);
  const accepted = acceptedAssertions(maxRememberedAssertions);
  const requireGenuine: RequireGenuineAssertion = genuineAssertionCheck(window, clock);

  return {
    async verify(headerValue, { accountId, clientAddress } = {}) {
      if (headerValue === null || headerValue === undefined || headerValue === '') {
        throw verificationError('missing_assertion', 'expected an Authorization header, got none');
      }
      const remembered = accepted.find(headerValue);
      let agent: VerifiedAgent;
      try {
        const assertion = remembered?.assertion ?? parseAgentAssertion(headerValue);
        const { agentRuntimeId, taskId } = assertion;
        const runtime = await answerOf(() => directory.findAgentRuntime(agentRuntimeId));
        requireGenuine(assertion, runtime, remembered);
        requireActiveRuntime(runtime);
        requireOwnerAccount(runtime, accountId, accountMatch);
        requireLiveTask(await answerOf(() => directory.findAgentTask(agentRuntimeId, taskId)), assertion);
        if (remembered?.publicKeySsh !== runtime.publicKey.ssh) {
          accepted.remember(headerValue, assertion, runtime.publicKey);
        }
        agent = { agentRuntimeId, taskId, accountId: runtime.accountId, signedAt: assertion.timestamp };
      } catch (error) {
        if (remembered !== undefined) accepted.forget(headerValue);
        throw error;
      }
      guard(headerValue, agent, clientAddress);
      return agent;
    },
  };
}

/** What the directory answers, at once if it does; a failure says nothing about the assertion and is never a refusal. */
function answerOf<Answer>(lookUp: () => MaybePromise<Answer>): MaybePromise<Answer> {
  try {
    const answer = lookUp();
    return isThenable(answer) ? Promise.resolve(answer).catch(throwUnavailable) : answer;
  } catch (error) {
    return throwUnavailable(error);
  }
}

/** Query builders are awaited like promises and are none. */
function isThenable(value: unknown): value is PromiseLike<never> {
  return typeof (value as { then?: unknown } | undefined)?.then === 'function';
}

/** The cause is kept only if it is of this family, whose errors hold no secrets. */
function throwUnavailable(error: unknown): never {
  throw verificationError('directory_unavailable', 'the directory could not answer; try again', {
    retryable: true,
    ...(isAgentIdentityError(error) && { cause: error }),
  });
}
