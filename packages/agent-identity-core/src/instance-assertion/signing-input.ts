import { encodeBase64Url } from '../encoding/base64.js';
import { encodeUtf8 } from '../encoding/utf8.js';
import { coreError, describeType } from '../errors.js';
import { readClock } from '../http/effects.js';
import { requireKnownOptions } from '../http/require-known-options.js';
import {
  claimsPrefix,
  claimsSuffix,
  encodedHeader,
  fitsIntoAssertion,
  type InstanceAssertionEffects,
  isInstanceId,
  isIssuedAt,
  isUuidV4,
  maxAssertionLength,
  maxSigningInputLength,
} from './instance-assertion.js';

/** The text that an assertion signs, and its time. */
export interface SigningInput {
  readonly text: string;
  /** Epoch milliseconds. */
  readonly now: number;
}

/**
 * Returns a function that creates the text to sign of a new assertion: for the current second, with a new `id`.
 *
 * @throws AgentIdentityError `invalid_argument`
 */
export function createSigningInputs(
  runtimeAgentInstanceId: string,
  effects: InstanceAssertionEffects,
): () => SigningInput {
  requireKnownOptions(effects, ['clock', 'randomUuid'], 'effects');
  const { clock = Date.now, randomUuid = randomUuidV4 } = effects;
  if (!isInstanceId(runtimeAgentInstanceId)) {
    throw coreError(
      'invalid_argument',
      `runtimeAgentInstanceId: expected a non-empty Unicode string, got ${describeType(runtimeAgentInstanceId)}`,
    );
  }
  if (!fitsIntoAssertion(runtimeAgentInstanceId)) throw tooLong();
  const writeSigningInput = signingInputWriter(runtimeAgentInstanceId);
  return () => {
    const now = readClock(clock);
    const issuedAtSeconds = Math.floor(now / 1000);
    const id: unknown = randomUuid();
    if (!isIssuedAt(issuedAtSeconds)) {
      throw coreError(
        'invalid_argument',
        `clock: expected epoch milliseconds, got ${issuedAtSeconds * 1000}`,
      );
    }
    if (!isUuidV4(id)) {
      throw coreError(
        'invalid_argument',
        `randomUuid: expected a UUID v4 in lower case, got ${describeType(id)}`,
      );
    }
    return { text: writeSigningInput(issuedAtSeconds, id), now };
  };
}

function randomUuidV4(): string {
  return crypto.randomUUID();
}

/**
 * Returns a function that formats the text to sign. The part of the payload that does not change is encoded once, up to
 * the last whole group of three bytes. The bytes after it are ASCII, because the prefix ends in `","iat":`.
 */
function signingInputWriter(runtimeAgentInstanceId: string): (issuedAtSeconds: number, id: string) => string {
  const prefix = claimsPrefix(runtimeAgentInstanceId);
  const bytes = encodeUtf8(prefix);
  const remainder = bytes.length % 3;
  const encodedPrefix = encodedHeader + encodeBase64Url(bytes.subarray(0, bytes.length - remainder));
  const rest = prefix.slice(prefix.length - remainder);
  return (issuedAtSeconds, id) => {
    const signingInput =
      encodedPrefix + encodeBase64Url(encodeUtf8(rest + claimsSuffix(issuedAtSeconds, id)));
    if (signingInput.length > maxSigningInputLength) throw tooLong();
    return signingInput;
  };
}

function tooLong(): Error {
  return coreError(
    'invalid_argument',
    `runtimeAgentInstanceId is too long: the assertion would be longer than ${maxAssertionLength} characters`,
  );
}
