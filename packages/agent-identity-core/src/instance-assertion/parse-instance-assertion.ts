import { schemePrefix } from '../assertion/format-agent-assertion.js';
import { jsonStringGrammar, unescapeJson } from '../assertion/read-envelope.js';
import { decodeBase64Url } from '../encoding/base64.js';
import { decodeUtf8 } from '../encoding/utf8.js';
import { coreError, describeType } from '../errors.js';
import { parseJson } from '../http/text.js';
import {
  encodedHeader,
  type InstanceAssertion,
  isEncodedSignature,
  isInstanceId,
  isIssuedAt,
  isUuidV4,
  maxAssertionLength,
  uuidGrammar,
  versionPrefix,
} from './instance-assertion.js';

/** The only valid form of the claims: compact JSON with these four members in this order. */
const claims = new RegExp(
  `^\\{"version":1,"runtime_agent_instance":${jsonStringGrammar},"iat":(0|[1-9]\\d{0,14}),"id":"(${uuidGrammar})"\\}$`,
);

/**
 * Parses an instance assertion (docs/protocol-instances.md section 4): the value of `x-openai-agent-assertion`, `1.…`, or
 * of `Authorization`, `AgentAssertion 1.…`. Accepts exactly the form that `createInstanceAssertion` writes: another JWS
 * header, duplicate members, white space, another order, another base64 alphabet and padding are all refused, and so is an
 * assertion of more than 8192 characters. The time is linear in the length of the input.
 *
 * Parsing proves nothing. Pass the result to `verifyInstanceAssertion`.
 *
 * @param value **Secret.** Errors never contain it.
 * @throws AgentIdentityError `malformed_instance_assertion`
 * @example
 * ```ts
 * import { parseInstanceAssertion } from 'agent-identity-core';
 *
 * function readRuntimeAgentInstanceId(request: Request): string {
 *   return parseInstanceAssertion(request.headers.get('x-openai-agent-assertion') ?? '').runtimeAgentInstanceId;
 * }
 * ```
 */
export function parseInstanceAssertion(value: string): InstanceAssertion {
  if (typeof value !== 'string') throw malformed('a string', describeType(value));
  const assertion = value.startsWith(schemePrefix) ? value.slice(schemePrefix.length) : value;
  if (!assertion.startsWith(versionPrefix)) {
    throw malformed(`"${versionPrefix}" and a compact JWS`, describeType(assertion));
  }
  if (assertion.length > maxAssertionLength) {
    throw malformed(`at most ${maxAssertionLength} characters`, describeType(assertion));
  }
  if (!assertion.startsWith(encodedHeader, versionPrefix.length)) {
    throw malformed('the header {"alg":"EdDSA","typ":"openai-agent-assertion+jws"}', 'another one');
  }
  const parts = assertion.slice(versionPrefix.length + encodedHeader.length).split('.');
  const [payload = '', signature = ''] = parts;
  if (parts.length !== 2) throw malformed('three parts after the version', `${parts.length + 1}`);
  if (!isEncodedSignature(signature)) {
    throw malformed('a signature of 64 bytes in base64url without padding', describeType(signature));
  }
  return { ...readClaims(payload), signature };
}

function readClaims(payload: string): Omit<InstanceAssertion, 'signature'> {
  const bytes = decodeBase64Url(payload);
  if (bytes === undefined) throw malformed('a payload in base64url without padding', 'other characters');
  const json = decodeUtf8(bytes);
  if (json === undefined) throw malformed('a payload in UTF-8', 'other bytes');
  const [, instance = '', iat = '', id = ''] = claims.exec(json) ?? [];
  const runtimeAgentInstanceId = unescapeJson(instance);
  if (!isInstanceId(runtimeAgentInstanceId)) throw malformed(...explainInvalidClaims(json));
  return { runtimeAgentInstanceId, issuedAtSeconds: Number(iat), id };
}

/** Explains, for the error message, why the claims were refused: what was expected and what kind of value came. */
function explainInvalidClaims(json: string): readonly [expected: string, got: string] {
  const value = parseJson(json);
  if (typeof value !== 'object' || value === null) return ['claims as a JSON object', 'other text'];
  const { version, runtime_agent_instance: instance, iat, id } = value as Readonly<Record<string, unknown>>;
  if (version !== 1) return ['version 1', describeType(version)];
  if (!isInstanceId(instance))
    return ['runtime_agent_instance as a non-empty string', describeType(instance)];
  if (!isIssuedAt(iat)) return ['iat as whole seconds', describeType(iat)];
  if (!isUuidV4(id)) return ['id as a UUID v4 in lower case', describeType(id)];
  return ['compact JSON with exactly the four claims in protocol order', 'different JSON'];
}

function malformed(expected: string, got: string): Error {
  return coreError('malformed_instance_assertion', `instance assertion: expected ${expected}, got ${got}`);
}
