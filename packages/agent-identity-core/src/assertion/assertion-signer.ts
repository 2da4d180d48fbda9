import type { Clock } from '../clock.js';
import type { AssertionSubject } from './agent-assertion.js';
import { signAssertion } from './create-agent-assertion.js';
import { headerWriter } from './format-agent-assertion.js';
import { requireId } from './require-id.js';
import { formatTimestamp } from './timestamp.js';

/** Makes the `Authorization` header of each request of one task. */
export interface AssertionSigner {
  /** The header value for the current second: byte for byte the same within it. A secret while it is fresh. */
  authorizationHeader(): string;
}

/**
 * Makes a signer for one runtime and task that signs at most once a second: Ed25519 is deterministic and the time is
 * in whole seconds, so every header of a second is the same anyway (protocol section 3).
 *
 * @throws AgentIdentityError `invalid_argument` for ids that no assertion can be made of
 */
export function createAssertionSigner(
  { agentKey, agentRuntimeId, taskId }: AssertionSubject,
  { clock = Date.now }: { readonly clock?: Clock | undefined } = {},
): AssertionSigner {
  requireId(agentRuntimeId, 'agentRuntimeId');
  requireId(taskId, 'taskId');
  const subject = { agentKey, agentRuntimeId, taskId };
  const writeHeader = headerWriter(agentRuntimeId, taskId);
  let signedSecond: number | undefined;
  let header = '';
  return {
    authorizationHeader() {
      const now = clock();
      const second = Math.floor(now / 1000);
      if (second !== signedSecond) {
        const timestamp = formatTimestamp(now);
        header = writeHeader(timestamp, signAssertion(subject, timestamp));
        signedSecond = second;
      }
      return header;
    },
  };
}
