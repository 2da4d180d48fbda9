import { type InstanceAssertion, isAgentIdentityError } from 'agent-identity-core';
import { invalidArgument } from 'agent-identity-core/http';
import { verificationError } from '../errors.js';
import type { ReplayStore } from '../replay-store/replay-store.js';

/** What happens to a request while the replay store fails: a 503, or it passes although it may be a replay. */
export type ReplayStoreFailureMode = 'refuse' | 'accept';

/** How assertions are kept from being used twice. */
export interface SingleUseSettings {
  readonly replayStore: ReplayStore;
  readonly onReplayStoreFailure: ReplayStoreFailureMode;
  /** The window of the verifier, which bounds how long an assertion can be accepted. */
  readonly window: { readonly maxAgeSeconds: number; readonly leewaySeconds: number };
  readonly report: (error: unknown) => void;
}

/** Marks an assertion as used. */
export type SingleUseCheck = (assertion: InstanceAssertion) => Promise<void>;

/**
 * Creates the check that accepts each assertion once. Call it last, so that only accepted assertions count.
 *
 * A node can accept an assertion from `leewaySeconds` before its `iat` until `maxAgeSeconds` after it. The keys live for
 * that time, and for another `leewaySeconds` because the clocks of the nodes may differ by that much.
 *
 * @throws AgentIdentityError The check rejects with `instance_assertion_replayed`, `replay_store_unavailable`,
 * `replay_store_full`.
 */
export function createSingleUseCheck({
  replayStore,
  onReplayStoreFailure,
  window: { maxAgeSeconds, leewaySeconds },
  report,
}: SingleUseSettings): SingleUseCheck {
  // The window is inclusive and in whole seconds.
  const ttlSeconds = maxAgeSeconds + 2 * leewaySeconds + 1;

  return async (assertion) => {
    let isFirstUse: unknown;
    try {
      isFirstUse = await replayStore.markUsed(toReplayKey(assertion), ttlSeconds);
      if (typeof isFirstUse !== 'boolean') throw invalidArgument('markUsed()', 'a boolean', isFirstUse);
    } catch (error) {
      report(error);
      const isFull = isAgentIdentityError(error, 'replay_store_full');
      if (onReplayStoreFailure === 'accept' && !isFull) return;
      throw isFull ? error : unavailable(error);
    }
    if (!isFirstUse) {
      throw verificationError('instance_assertion_replayed', 'an assertion with this id was accepted before');
    }
  };
}

function unavailable(error: unknown): Error {
  return verificationError('replay_store_unavailable', 'the replay store failed to answer; try again', {
    retryable: true,
    ...(isAgentIdentityError(error) && { cause: error }),
  });
}

/**
 * Ends with the UUID, so no two pairs of ids give the same key. Escaped, because stores may not take all characters.
 * `join` creates a flat string; in V8, a template would keep the claims that the UUID was cut from in memory.
 */
function toReplayKey({ id, runtimeAgentInstanceId }: InstanceAssertion): string {
  return [encodeURIComponent(runtimeAgentInstanceId), id].join(':');
}
