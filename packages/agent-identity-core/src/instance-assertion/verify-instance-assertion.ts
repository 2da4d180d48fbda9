import type { AgentPublicKey } from '../agent-key/agent-public-key.js';
import { requireSecondsWithinWindow } from '../assertion/require-within-window.js';
import type { Clock } from '../clock.js';
import { decodeBase64Url, encodeBase64Url } from '../encoding/base64.js';
import { encodeUtf8 } from '../encoding/utf8.js';
import { coreError, describeType } from '../errors.js';
import { requireKnownOptions } from '../http/require-known-options.js';
import {
  claimsPrefix,
  claimsSuffix,
  encodedHeader,
  type InstanceAssertion,
  isEncodedSignature,
  isInstanceId,
  isIssuedAt,
  isUuidV4,
} from './instance-assertion.js';

/** Options for `verifyInstanceAssertion`. */
export interface VerifyInstanceAssertionOptions {
  /** The key registered for `assertion.runtimeAgentInstanceId`. The caller looks it up by that id. */
  readonly publicKey: AgentPublicKey;
  /** Maximum age by the verifier's clock, in seconds, inclusive. Default: 60. */
  readonly maxAgeSeconds?: number | undefined;
  /** How far ahead of the verifier's clock it may be, in seconds, inclusive. Default: 60. */
  readonly leewaySeconds?: number | undefined;
}

/**
 * Verifies the signature and the age of an instance assertion; returns if both hold (docs/protocol-instances.md section
 * 4). The signature is checked first, so that only a genuine assertion learns its age.
 *
 * The caller still has to check that the instance exists and is not revoked, that the account is the actor's, and that
 * this `id` was not accepted before. An assertion is not bound to a method, URL or body, so an accepted `id` must be
 * remembered for `maxAgeSeconds` + `leewaySeconds`. `agent-identity-verifier` does all that.
 *
 * @throws AgentIdentityError `invalid_signature`, `instance_assertion_expired`, `instance_assertion_in_future`,
 * `malformed_instance_assertion` (a claim that `parseInstanceAssertion` would refuse), `invalid_argument`
 * @example
 * ```ts
 * import { type AgentPublicKey, parseInstanceAssertion, verifyInstanceAssertion } from 'agent-identity-core';
 *
 * function requireInstance(header: string, keys: ReadonlyMap<string, AgentPublicKey>): string {
 *   const assertion = parseInstanceAssertion(header);
 *   const publicKey = keys.get(assertion.runtimeAgentInstanceId);
 *   if (publicKey === undefined) throw new Error('the instance is unknown');
 *   verifyInstanceAssertion(assertion, { publicKey });
 *   return assertion.runtimeAgentInstanceId;
 * }
 * ```
 */
export function verifyInstanceAssertion(
  assertion: InstanceAssertion,
  options: VerifyInstanceAssertionOptions,
  { clock = Date.now }: { readonly clock?: Clock | undefined } = {},
): void {
  requireKnownOptions(options, ['publicKey', 'maxAgeSeconds', 'leewaySeconds'], 'options');
  const { publicKey, maxAgeSeconds = 60, leewaySeconds = 60 } = options;
  requireClaims(assertion);
  const signature = readSignature(assertion.signature);
  if (signature === undefined || !publicKey.verify(encodeUtf8(formatSigningInput(assertion)), signature)) {
    throw coreError(
      'invalid_signature',
      "the signature does not match the instance's public key and the signed claims",
    );
  }
  const window = { maxAgeSeconds, leewaySeconds };
  requireSecondsWithinWindow('instance_assertion', assertion.issuedAtSeconds, clock, window);
}

function readSignature(signature: unknown): Uint8Array | undefined {
  return isEncodedSignature(signature) ? decodeBase64Url(signature) : undefined;
}

/** The text that the signature covers: header and payload in base64url, joined by a dot (RFC 7515 section 5.1). */
function formatSigningInput({ runtimeAgentInstanceId, issuedAtSeconds, id }: InstanceAssertion): string {
  const claims = claimsPrefix(runtimeAgentInstanceId) + claimsSuffix(issuedAtSeconds, id);
  return encodedHeader + encodeBase64Url(encodeUtf8(claims));
}

/** The claims may come from elsewhere than `parseInstanceAssertion`. */
function requireClaims({ runtimeAgentInstanceId, issuedAtSeconds, id }: InstanceAssertion): void {
  if (!isInstanceId(runtimeAgentInstanceId)) {
    throw malformed('runtimeAgentInstanceId: expected a non-empty Unicode string', runtimeAgentInstanceId);
  }
  if (!isIssuedAt(issuedAtSeconds)) {
    throw malformed('issuedAtSeconds: expected whole seconds', issuedAtSeconds);
  }
  if (!isUuidV4(id)) throw malformed('id: expected a UUID v4 in lower case', id);
}

function malformed(expected: string, value: unknown): Error {
  return coreError('malformed_instance_assertion', `${expected}, got ${describeType(value)}`);
}
