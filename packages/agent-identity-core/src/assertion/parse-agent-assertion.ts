import { decodeBase64Url } from '../encoding/base64.js';
import { decodeUtf8 } from '../encoding/utf8.js';
import { coreError, kindOf } from '../errors.js';
import type { AgentAssertion } from './agent-assertion.js';
import { formatEnvelope, maxHeaderLength, schemePrefix } from './format-agent-assertion.js';
import { isId } from './require-id.js';
import { parseTimestamp } from './timestamp.js';

/** Standard base64 of 64 bytes; the last character before the padding carries two bits. */
const signaturePattern = /^[A-Za-z0-9+/]{85}[AQgw]==$/;

/**
 * Reads the value of an `Authorization` header and accepts exactly what `formatAgentAssertion` writes (protocol
 * section 3): the base64, the UTF-8 and the JSON are each written again and compared, so duplicate members, white
 * space, another order, another base64 alphabet or padding all fail. Reading proves nothing: verify the result.
 *
 * @param headerValue Not put into the error.
 * @throws AgentIdentityError `malformed_assertion`
 */
export function parseAgentAssertion(headerValue: string): AgentAssertion {
  if (typeof headerValue !== 'string' || !headerValue.startsWith(schemePrefix)) {
    throw malformed(`the scheme "${schemePrefix.trim()}" and one space`, kindOf(headerValue));
  }
  if (headerValue.length > maxHeaderLength) {
    throw malformed(`at most ${maxHeaderLength} characters`, kindOf(headerValue));
  }
  const bytes = decodeBase64Url(headerValue.slice(schemePrefix.length));
  if (bytes === undefined) throw malformed('base64url without padding', 'another encoding');
  const json = decodeUtf8(bytes);
  if (json === undefined) throw malformed('UTF-8', 'other bytes');
  const assertion = readEnvelope(parseJson(json));
  if (formatEnvelope(assertion) !== json) {
    throw malformed('compact JSON of exactly four members in the order of the protocol', 'another form');
  }
  return assertion;
}

function readEnvelope(envelope: Readonly<Record<string, unknown>>): AgentAssertion {
  const { agent_runtime_id: agentRuntimeId, signature, task_id: taskId, timestamp } = envelope;
  if (!isId(agentRuntimeId))
    throw malformed('agent_runtime_id as a non-blank string', kindOf(agentRuntimeId));
  if (!isId(taskId)) throw malformed('task_id as a non-blank string', kindOf(taskId));
  if (typeof timestamp !== 'string' || parseTimestamp(timestamp) === undefined) {
    throw malformed('timestamp as RFC 3339 in UTC with whole seconds', kindOf(timestamp));
  }
  if (typeof signature !== 'string' || !signaturePattern.test(signature)) {
    throw malformed('signature as standard base64 of 64 bytes', kindOf(signature));
  }
  return { agentRuntimeId, taskId, timestamp, signature };
}

function parseJson(json: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // The parser's own message would quote the text.
  }
  throw malformed('a JSON object', 'something else');
}

function malformed(expected: string, got: string): Error {
  return coreError('malformed_assertion', `agent assertion: expected ${expected}, got ${got}`);
}
