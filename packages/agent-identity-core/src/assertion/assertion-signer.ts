import type { Clock } from '../clock.js';
import { encodeBase64Url } from '../encoding/base64.js';
import { encodeUtf8 } from '../encoding/utf8.js';
import type { AssertionSubject } from './agent-assertion.js';
import {
  blankSignature,
  blankTimestamp,
  formatEnvelope,
  requireFittingIds,
  schemePrefix,
} from './format-agent-assertion.js';
import { signMessage } from './sign-message.js';
import { assertionMessage } from './signed-message.js';
import { timestampFormatter } from './timestamp.js';

/** Creates the `Authorization` header for each request of one task. */
export interface AssertionSigner {
  /**
   * Returns the header value for the current second; all values of one second are identical. A **secret** while it is
   * fresh: anyone who has it can act as the agent until it expires.
   *
   * @throws AgentIdentityError `invalid_argument` if the clock or the key does not work
   */
  authorizationHeader(): string;
}

/**
 * Creates a signer for one runtime and task that signs at most once a second. Ed25519 is deterministic and the timestamp
 * has whole seconds, so all headers of one second are identical (docs/protocol.md section 3).
 *
 * @throws AgentIdentityError `invalid_argument` for an id that is blank, not well-formed Unicode, or too long
 * @example
 * ```ts
 * import { createAssertionSigner, generateAgentKey } from 'agent-identity-core';
 *
 * const signer = createAssertionSigner({
 *   agentKey: generateAgentKey(),
 *   agentRuntimeId: 'agent-1',
 *   taskId: 'task-1',
 * });
 * const headers = { authorization: signer.authorizationHeader() };
 * ```
 */
export function createAssertionSigner(
  { agentKey, agentRuntimeId, taskId }: AssertionSubject,
  { clock = Date.now }: { readonly clock?: Clock | undefined } = {},
): AssertionSigner {
  const writeHeader = headerWriter({ agentKey, agentRuntimeId, taskId });
  const formatTimestamp = timestampFormatter();
  let signedSecond: number | undefined;
  let header = '';
  return {
    authorizationHeader() {
      const now = clock();
      const second = Math.floor(now / 1000);
      if (second !== signedSecond) {
        header = writeHeader(formatTimestamp(now));
        signedSecond = second;
      }
      return header;
    },
  };
}

/**
 * Returns the same as `formatAgentAssertion(createAgentAssertion(…))`, faster. Only the timestamp and the signature change
 * from second to second, and their lengths are fixed, so both are written into the same buffer.
 */
function headerWriter({ agentKey, agentRuntimeId, taskId }: AssertionSubject): (timestamp: string) => string {
  requireFittingIds({ agentRuntimeId, taskId });
  const blank = { agentRuntimeId, taskId, timestamp: blankTimestamp, signature: blankSignature };
  const envelope = encodeUtf8(formatEnvelope(blank));
  const message = assertionMessage(agentRuntimeId, taskId, blankTimestamp);
  const timestampInMessage = message.length - blankTimestamp.length;
  const timestampInEnvelope = envelope.length - blankTimestamp.length - '"}'.length;
  const signatureInEnvelope = encodeUtf8(
    `{"agent_runtime_id":${JSON.stringify(agentRuntimeId)},"signature":"`,
  ).length;
  return (timestamp) => {
    writeAscii(message, timestampInMessage, timestamp);
    writeAscii(envelope, timestampInEnvelope, timestamp);
    writeAscii(envelope, signatureInEnvelope, signMessage(agentKey, message));
    return schemePrefix + encodeBase64Url(envelope);
  };
}

function writeAscii(bytes: Uint8Array, offset: number, text: string): void {
  for (let i = 0; i < text.length; i += 1) bytes[offset + i] = text.charCodeAt(i);
}
