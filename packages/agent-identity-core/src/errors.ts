const brand = Symbol.for('agent-identity.error');

/** Options for the constructor of `AgentIdentityError`. */
export interface AgentIdentityErrorOptions {
  /** Whether the same call may succeed later without a change. Default: false. */
  readonly retryable?: boolean | undefined;
  /** The underlying failure. Must not contain a secret. */
  readonly cause?: unknown;
}

/**
 * The base class of all errors that the packages of this family throw. Distinguish errors by `code`, a closed union per
 * package. The message says what was expected and what kind of value was received, and never contains a secret.
 */
export class AgentIdentityError<Code extends string = string> extends Error {
  override readonly name: string = 'AgentIdentityError';
  readonly code: Code;
  readonly retryable: boolean;

  constructor(code: Code, message: string, { retryable = false, cause }: AgentIdentityErrorOptions = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.retryable = retryable;
    Object.defineProperty(this, brand, { value: true });
  }
}

/**
 * The error codes of agent-identity-core.
 *
 * | code | meaning |
 * |---|---|
 * | `invalid_argument` | an argument is of the wrong type or outside its range |
 * | `invalid_agent_key` | not base64 of an Ed25519 PKCS#8 document (docs/protocol.md section 2) |
 * | `invalid_public_key` | not an `ssh-ed25519` line, or a point that must not be used as a key |
 * | `malformed_assertion` | not the byte-exact header value of docs/protocol.md section 3 |
 * | `malformed_task_registration` | not the body of docs/protocol.md section 5 |
 * | `invalid_signature` | the signature does not match the key and the signed members |
 * | `assertion_expired`, `assertion_in_future` | signed outside the window, by the verifier's clock |
 * | `task_registration_expired`, `task_registration_in_future` | the same, for a task registration |
 * | `malformed_instance_assertion` | not the byte-exact value of docs/protocol-instances.md section 4 |
 * | `instance_assertion_expired`, `instance_assertion_in_future` | signed outside the window, by the verifier's clock |
 * | `malformed_statement` | not the body of a child's registration or of a key change (docs/protocol.md section 13) |
 * | `statement_expired`, `statement_in_future` | signed outside the window, by the verifier's clock |
 * | `unreadable_sealed_task_id` | not a sealed box for this key, or one that holds no task id |
 * | `signer_unavailable` | an `AgentSigner` failed: an outage of the place of the key; retryable |
 * | `signer_timed_out` | an `AgentSigner` gave no signature in time; retryable |
 * | `signer_mismatch` | an `AgentSigner` returned something else than a signature of its public key |
 * | `insecure_url` | not an absolute https URL without credentials (see `requireSecureUrl`) |
 * | `invalid_base_url` | a base URL with a query or a fragment |
 * | `timed_out` | no result within the time limit (see `withDeadline`) |
 * | `response_too_large` | a response body is over the limit of the reader |
 */
export type CoreErrorCode =
  | 'invalid_argument'
  | 'invalid_agent_key'
  | 'invalid_public_key'
  | 'malformed_assertion'
  | 'malformed_task_registration'
  | 'invalid_signature'
  | 'assertion_expired'
  | 'assertion_in_future'
  | 'task_registration_expired'
  | 'task_registration_in_future'
  | 'malformed_instance_assertion'
  | 'instance_assertion_expired'
  | 'instance_assertion_in_future'
  | 'malformed_statement'
  | 'statement_expired'
  | 'statement_in_future'
  | 'unreadable_sealed_task_id'
  | 'signer_unavailable'
  | 'signer_timed_out'
  | 'signer_mismatch'
  | 'insecure_url'
  | 'invalid_base_url'
  | 'timed_out'
  | 'response_too_large';

/**
 * Checks whether a value is an error of this family and, if codes are given, has one of them. Narrows `error.code` to
 * those literals.
 *
 * Compares a registered symbol instead of using `instanceof`, so errors from another copy of a package match too.
 *
 * @example
 * ```ts
 * import { isAgentIdentityError, readAgentKey } from 'agent-identity-core';
 *
 * try {
 *   readAgentKey('not a key');
 * } catch (error) {
 *   if (!isAgentIdentityError(error, 'invalid_agent_key')) throw error;
 *   const code: 'invalid_agent_key' = error.code;
 * }
 * ```
 */
export function isAgentIdentityError(error: unknown): error is AgentIdentityError;
export function isAgentIdentityError<const Code extends string>(
  error: unknown,
  ...codes: readonly Code[]
): error is AgentIdentityError<Code>;
export function isAgentIdentityError(
  error: unknown,
  ...codes: readonly unknown[]
): error is AgentIdentityError {
  if (typeof error !== 'object' || error === null || Reflect.get(error, brand) !== true) return false;
  // `errors.every(isAgentIdentityError)` passes an index and an array too.
  const wanted = codes.filter((code) => typeof code === 'string');
  return wanted.length === 0 || wanted.includes(Reflect.get(error, 'code'));
}

/** Creates an error of this package. */
export function coreError<Code extends CoreErrorCode>(
  code: Code,
  message: string,
  options?: AgentIdentityErrorOptions,
): AgentIdentityError<Code> {
  return new AgentIdentityError(code, message, options);
}

/**
 * Names the kind of a value for an error message. Never returns the value itself, because it may be a secret.
 *
 * @example
 * ```ts
 * import { describeType } from 'agent-identity-core';
 *
 * describeType('sk-test'); // 'a string of 7 characters'
 * ```
 */
export function describeType(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'string') return describeText(value);
  if (typeof value === 'number') return Number.isFinite(value) ? 'a number' : String(value);
  return value === undefined ? 'undefined' : `a value of type ${typeof value}`;
}

/** Also names the invisible characters that a string usually has from the file that it was read from. */
function describeText(text: string): string {
  if (text === '') return 'an empty string';
  const kind = `a string of ${text.length} character${text.length === 1 ? '' : 's'}`;
  if (text.startsWith('\uFEFF')) return `${kind} that begins with a byte order mark (BOM)`;
  const [lineEnd] = /\r?\n$/.exec(text) ?? [];
  if (lineEnd !== undefined) return `${kind} that ends with a line end (${lineEnd === '\n' ? 'LF' : 'CRLF'})`;
  return /[\r\n]/.test(text) ? `${kind} with a line end inside` : kind;
}
