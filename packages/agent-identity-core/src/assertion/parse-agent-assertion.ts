import { decodeBase64Url } from '../encoding/base64.js';
import { decodeUtf8 } from '../encoding/utf8.js';
import { coreError, describeType } from '../errors.js';
import type { AgentAssertion } from './agent-assertion.js';
import { explainInvalidEnvelope } from './explain-invalid-envelope.js';
import { maxHeaderLength, schemePrefix } from './format-agent-assertion.js';
import { readEnvelope } from './read-envelope.js';

/**
 * Parses the value of an `Authorization` header (docs/protocol.md section 3). Accepts exactly the form that
 * `formatAgentAssertion` writes: duplicate members, white space, another order, another base64 alphabet and padding are
 * all refused. The time is linear in the length of the input.
 *
 * Parsing proves nothing. Pass the result to `verifyAgentAssertion`.
 *
 * @param headerValue **Secret.** Errors never contain it.
 * @throws AgentIdentityError `malformed_assertion`
 * @example
 * ```ts
 * import { parseAgentAssertion } from 'agent-identity-core';
 *
 * function readAgentRuntimeId(request: Request): string {
 *   return parseAgentAssertion(request.headers.get('authorization') ?? '').agentRuntimeId;
 * }
 * ```
 */
export function parseAgentAssertion(headerValue: string): AgentAssertion {
  if (typeof headerValue !== 'string' || !headerValue.startsWith(schemePrefix)) {
    throw malformed(`the scheme "${schemePrefix.trim()}" and one space`, describeType(headerValue));
  }
  if (headerValue.length > maxHeaderLength) {
    throw malformed(`at most ${maxHeaderLength} characters`, describeType(headerValue));
  }
  const bytes = decodeBase64Url(headerValue.slice(schemePrefix.length));
  if (bytes === undefined) throw malformed('base64url without padding', 'other characters');
  const json = decodeUtf8(bytes);
  if (json === undefined) throw malformed('UTF-8', 'other bytes');
  const assertion = readEnvelope(json);
  if (assertion === undefined) throw malformed(...explainInvalidEnvelope(json));
  return assertion;
}

function malformed(expected: string, got: string): Error {
  return coreError('malformed_assertion', `agent assertion: expected ${expected}, got ${got}`);
}
