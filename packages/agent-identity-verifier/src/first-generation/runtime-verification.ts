import { type Clock, parseAgentAssertion } from 'agent-identity-core';
import type { AgentDirectory, AgentRuntimeEntry } from '../agent-directory.js';
import type { AssertionContext } from '../assertion-verifier.js';
import type { VerifiedAgentRuntime } from '../verified-agent.js';
import type { ReplayLimiter } from './replay-limiter.js';
import {
  type AccountMatch,
  requireActiveRuntime,
  requireActiveTask,
  requireOwnerAccount,
} from './require-active.js';
import { createSignatureCheck, type SignatureCheck } from './signature-check.js';
import { createVerifiedAssertionCache } from './verified-assertion-cache.js';

/** Dependencies of the verification of agent assertions. */
export interface RuntimeVerificationParts {
  readonly directory: Pick<AgentDirectory, 'findAgentRuntime' | 'findAgentTask'>;
  readonly accountMatch: AccountMatch;
  readonly maxCachedAssertions: number;
  readonly window: { readonly maxAgeSeconds: number; readonly leewaySeconds: number };
  readonly limitReplays: ReplayLimiter;
  readonly clock: Clock;
}

/** Verifies the header value of an agent runtime. */
export type RuntimeVerification = (
  headerValue: string,
  context: AssertionContext,
) => Promise<VerifiedAgentRuntime>;

/**
 * Creates the verification of assertions of the first generation (docs/protocol.md section 11): form, signature, age,
 * status of the runtime, account, task.
 */
export function createRuntimeVerification(parts: RuntimeVerificationParts): RuntimeVerification {
  const { directory, accountMatch, limitReplays } = parts;
  const cache = createVerifiedAssertionCache(parts.maxCachedAssertions);
  const checkSignature: SignatureCheck = createSignatureCheck(parts.window, parts.clock);

  async function verifyHeader(
    headerValue: string,
    accountId: string | null | undefined,
  ): Promise<VerifiedAgentRuntime> {
    const cached = cache.get(headerValue);
    try {
      const assertion = cached?.assertion ?? parseAgentAssertion(headerValue);
      const { agentRuntimeId, taskId, timestamp: signedAt } = assertion;
      const runtime = await directory.findAgentRuntime(agentRuntimeId);
      checkSignature(assertion, runtime, cached);
      requireActiveRuntime(runtime);
      requireOwnerAccount(runtime, accountId, accountMatch);
      requireActiveTask(await directory.findAgentTask(agentRuntimeId, taskId), assertion);
      if (cached?.publicKeySsh !== runtime.publicKey.ssh)
        cache.set(headerValue, assertion, runtime.publicKey);
      return toVerifiedAgent(runtime, taskId, signedAt);
    } catch (error) {
      if (cached !== undefined) cache.delete(headerValue);
      throw error;
    }
  }

  return async (headerValue, { accountId, clientAddress }) => {
    const agent = await verifyHeader(headerValue, accountId);
    limitReplays(headerValue, agent, clientAddress);
    return agent;
  };
}

function toVerifiedAgent(runtime: AgentRuntimeEntry, taskId: string, signedAt: string): VerifiedAgentRuntime {
  const {
    agentRuntimeId,
    accountId,
    capabilities = [],
    name,
    labels = {},
    planType,
    lineage = [],
    abom,
  } = runtime;
  return {
    generation: 1,
    agentRuntimeId,
    taskId,
    accountId,
    capabilities,
    name,
    labels,
    planType,
    lineage,
    abom,
    signedAt,
  };
}
