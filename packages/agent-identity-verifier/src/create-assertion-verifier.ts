import { parseAgentAssertion } from 'agent-identity-core';
import { type HttpEffects, requireKnownOptions, resolveEffects } from 'agent-identity-core/http';
import {
  type CreateAssertionVerifierOptions,
  resolveVerifierOptions,
} from './create-assertion-verifier-options.js';
import { errorMappingDirectory } from './error-mapping-directory.js';
import { verificationError } from './errors.js';
import { requireActiveRuntime, requireActiveTask, requireOwnerAccount } from './require-active.js';
import { requireSupportedScheme } from './require-supported-scheme.js';
import { createSignatureCheck, type SignatureCheck } from './signature-check.js';
import type { VerifiedAgent } from './verified-agent.js';
import { createVerifiedAssertionCache } from './verified-assertion-cache.js';

/** Members of a request besides its assertion. */
export interface AssertionContext {
  /** The value of the `ChatGPT-Account-ID` header; null or undefined if the request has none. */
  readonly accountId?: string | null | undefined;
  /** Where the request came from, from a source that the client cannot forge. Only the replay limiter uses it. */
  readonly clientAddress?: string | undefined;
}

/** Verifies the requests of a service. Create one and keep it: it caches verified signatures. */
export interface AssertionVerifier {
  /**
   * Verifies the value of an `Authorization` header. The same value verifies any number of times inside its window,
   * because real clients repeat it (docs/protocol.md section 11).
   *
   * @param headerValue **Secret.** Null, undefined or empty if the request has no such header.
   * @throws AgentIdentityError with a `VerificationErrorCode`; answer it with `verificationFailureResponse`
   */
  verify(headerValue: string | null | undefined, context?: AssertionContext): Promise<VerifiedAgent>;
}

const contextNames = ['accountId', 'clientAddress'];

/**
 * Creates the verifier of a service that accepts agent assertions (docs/protocol.md sections 3 and 11).
 *
 * The order of the checks is part of the contract: form, signature, age, and only then the status of the runtime, the
 * account and the task. A caller without a registered key learns nothing about runtimes, accounts or tasks, and an unknown
 * runtime costs the same signature check as a known one.
 *
 * @throws AgentIdentityError `invalid_argument`
 * @example
 * ```ts
 * import { generateAgentKey } from 'agent-identity-core';
 * import { createAssertionVerifier, memoryDirectory } from 'agent-identity-verifier';
 *
 * const { publicKey } = generateAgentKey();
 * const directory = memoryDirectory();
 * directory.putAgentRuntime({ agentRuntimeId: 'agent-1', publicKey, accountId: 'account-1' });
 * directory.putAgentTask({ agentRuntimeId: 'agent-1', taskId: 'task-1' });
 *
 * const verifier = createAssertionVerifier({ directory });
 * const authenticate = ({ headers }: Request) =>
 *   verifier.verify(headers.get('authorization'), { accountId: headers.get('chatgpt-account-id') });
 * ```
 */
export function createAssertionVerifier(
  options: CreateAssertionVerifierOptions,
  effects: Pick<HttpEffects, 'clock' | 'monotonicClock'> = {},
): AssertionVerifier {
  const settings = resolveVerifierOptions(options);
  requireKnownOptions(effects, ['clock', 'monotonicClock'], 'effects');
  const { clock, monotonicClock } = resolveEffects(effects);
  const { accountMatch, window, limitReplays, onDirectoryFailure } = settings;
  const directory = errorMappingDirectory(settings.directory, onDirectoryFailure, monotonicClock);
  const cache = createVerifiedAssertionCache(settings.maxCachedAssertions);
  const checkSignature: SignatureCheck = createSignatureCheck(window, clock);

  async function verifyHeader(headerValue: string, accountId: string | null | undefined) {
    const cached = cache.get(headerValue);
    try {
      const assertion = cached?.assertion ?? parseAgentAssertion(headerValue);
      const { agentRuntimeId, taskId } = assertion;
      const runtime = await directory.findAgentRuntime(agentRuntimeId);
      checkSignature(assertion, runtime, cached);
      requireActiveRuntime(runtime);
      requireOwnerAccount(runtime, accountId, accountMatch);
      requireActiveTask(await directory.findAgentTask(agentRuntimeId, taskId), assertion);
      if (cached?.publicKeySsh !== runtime.publicKey.ssh)
        cache.set(headerValue, assertion, runtime.publicKey);
      return { agentRuntimeId, taskId, accountId: runtime.accountId, signedAt: assertion.timestamp };
    } catch (error) {
      if (cached !== undefined) cache.delete(headerValue);
      throw error;
    }
  }

  return {
    async verify(headerValue, context = {}) {
      requireKnownOptions(context, contextNames, 'context');
      if (headerValue === null || headerValue === undefined || headerValue === '') {
        throw verificationError('missing_assertion', 'expected an Authorization header, got none');
      }
      requireSupportedScheme(headerValue);
      const agent = await verifyHeader(headerValue, context.accountId);
      limitReplays(headerValue, agent, context.clientAddress);
      return agent;
    },
  };
}
