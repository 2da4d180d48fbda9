import type { AgentSigner } from '../agent-signer/agent-signer.js';
import type { Clock } from '../clock.js';

/** The claims and the signature of a second-generation assertion (docs/protocol-instances.md section 4). */
export interface InstanceAssertion {
  /** The `runtime_agent_instance` claim: the id that the registration returned. */
  readonly runtimeAgentInstanceId: string;
  /** The `iat` claim: whole seconds since the Unix epoch, by the signer's clock. */
  readonly issuedAtSeconds: number;
  /** The `id` claim: a UUID v4 in lower case, new for each assertion. A server may accept each id once. */
  readonly id: string;
  /** Base64url of the 64-byte signature, without padding. */
  readonly signature: string;
}

/** The signer of instance assertions: a key, and the instance for which it is registered. */
export interface InstanceAssertionSubject {
  /** An `AgentKey`, or another signer that returns 64-byte Ed25519 signatures synchronously. */
  readonly agentKey: { sign(message: Uint8Array): Uint8Array };
  /** The `runtime_agent_instance_id` that the registration returned: any non-empty Unicode string. */
  readonly runtimeAgentInstanceId: string;
}

/** An {@link InstanceAssertionSubject} whose key lives outside of this process. */
export interface SignerInstanceAssertionSubject extends Omit<InstanceAssertionSubject, 'agentKey'> {
  readonly signer: AgentSigner;
}

/** Overrides for ambient dependencies of functions that create instance assertions. */
export interface InstanceAssertionEffects {
  /** Epoch milliseconds, for `iat`. Default: `Date.now`. */
  readonly clock?: Clock | undefined;
  /** Returns a new UUID v4 in lower case at each call. Default: `crypto.randomUUID`. */
  readonly randomUuid?: (() => string) | undefined;
}

/** The maximum length of an assertion, its `1.` included (docs/protocol-instances.md section 3). */
export const maxAssertionLength = 8192;

/** The version and the JWS header `{"alg":"EdDSA","typ":"openai-agent-assertion+jws"}`, each with its dot. */
export const versionPrefix = '1.';
export const encodedHeader = 'eyJhbGciOiJFZERTQSIsInR5cCI6Im9wZW5haS1hZ2VudC1hc3NlcnRpb24randzIn0.';

/** The rest after the version, a dot and the base64url of 64 bytes. */
export const maxSigningInputLength: number = maxAssertionLength - versionPrefix.length - 1 - 86;

const nilUuid = '00000000-0000-0000-0000-000000000000';
export const uuidGrammar = '[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}';
const encodedSignature = /^[\w-]{85}[AQgw]$/;
const wholeUuid = new RegExp(`^${uuidGrammar}$`);

/** Whether a value is a UUID v4 in lower case with hyphens (RFC 9562 section 5.4). */
export function isUuidV4(value: unknown): value is string {
  return typeof value === 'string' && wholeUuid.test(value);
}

/** Whether a value is the base64url of 64 bytes. The last character carries only two bits. */
export function isEncodedSignature(value: unknown): value is string {
  return typeof value === 'string' && encodedSignature.test(value);
}

/** Whether a value can be an instance id: any non-empty string that can be encoded as UTF-8. */
export function isInstanceId(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.isWellFormed();
}

/** Whether the assertions of an instance have at most 8192 characters while `iat` has ten digits, which is until 2286. */
export function fitsIntoAssertion(runtimeAgentInstanceId: string): boolean {
  const claims = claimsPrefix(runtimeAgentInstanceId) + claimsSuffix(9_999_999_999, nilUuid);
  const { length } = new TextEncoder().encode(claims);
  return encodedHeader.length + Math.ceil((length * 4) / 3) <= maxSigningInputLength;
}

/** Larger numbers of seconds have more than 15 digits, which not every JSON parser keeps exactly. */
export function isIssuedAt(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) < 1e15;
}

/** The start of the claims, up to the value of `iat`. */
export function claimsPrefix(runtimeAgentInstanceId: string): string {
  return `{"version":1,"runtime_agent_instance":${JSON.stringify(runtimeAgentInstanceId)},"iat":`;
}

/** The rest of the claims, from the value of `iat` on. */
export function claimsSuffix(issuedAtSeconds: number, id: string): string {
  return `${issuedAtSeconds},"id":"${id}"}`;
}
