import { AgentIdentityError } from 'agent-identity-core';
import { type RuntimeErrorCode, runtimeErrorCodeSchema, type ServerError } from 'agent-identity-core/wire';

const brand = Symbol.for('agent-identity.registration-error');

/** One of the registrations (docs/protocol.md sections 4, 5 and 13, docs/protocol-instances.md section 2). */
export type RegistrationOperation =
  | 'agent_registration'
  | 'task_registration'
  | 'instance_registration'
  | 'child_registration'
  | 'key_change';

/**
 * How a registration that was sent to the AuthAPI failed at its last attempt.
 *
 * | code | retryable | meaning |
 * |---|---|---|
 * | `registration_unavailable` | yes | status 429 or 5xx, or a `Retry-After` that is too long to wait for |
 * | `registration_timed_out` | yes | no complete response within the time limit |
 * | `registration_connection_failed` | yes | the connection failed, or broke before the end of the response |
 * | `registration_unauthorized` | no | status 401 for an instance: only another credential may succeed, with a new key |
 * | `registration_refused` | no | another status than 2xx, 3xx, 429 and 5xx; 403 for an instance is final for the credential |
 * | `registration_challenged` | no | 403 with `cf-mitigated: challenge`: the front door refused the client before authentication |
 * | `unsupported_region` | no | 403 `unsupported_country_region_territory`: refused before authentication |
 * | `agent_runtime_deleted` | no | a task registration answered that the runtime is deleted; terminal |
 * | `invalid_agent_runtime_id` | no | a task registration answered that there is no such runtime; terminal |
 * | `registration_redirected` | no | a redirect; redirects are not followed |
 * | `sealed_task_id_needs_key` | no | a task registration answered with a sealed task id, and the key is an `AgentSigner`, which cannot open it |
 * | `malformed_registration_response` | no | status 2xx without a usable result in the body; for an instance, another 2xx than 200 |
 */
export type RegistrationErrorCode =
  | 'registration_unavailable'
  | 'registration_timed_out'
  | 'registration_connection_failed'
  | 'registration_unauthorized'
  | 'registration_refused'
  | 'registration_challenged'
  | 'unsupported_region'
  | 'agent_runtime_deleted'
  | 'invalid_agent_runtime_id'
  | 'registration_redirected'
  | 'sealed_task_id_needs_key'
  | 'malformed_registration_response';

/** The details of a failed registration. Contains no secrets. */
export interface RegistrationErrorDetails {
  readonly operation: RegistrationOperation;
  /** The number of requests sent. */
  readonly attempts: number;
  readonly retryable: boolean;
  /** The status of the last response; `undefined` if there was none. */
  readonly status?: number | undefined;
  /** At most 512 characters of the last response's body, without credentials and control characters. */
  readonly bodyExcerpt?: string | undefined;
  /**
   * The server's error in a JSON body (docs/protocol.md section 11), cleaned like the excerpt. Base decisions on its members,
   * such as `code`, never on the text of the excerpt.
   */
  readonly serverError?: ServerError | undefined;
  /**
   * The server's `Date` minus our clock, in whole seconds; positive if the server is ahead. `undefined` without a readable
   * `Date` header.
   */
  readonly clockOffsetSeconds?: number | undefined;
  /** The `Retry-After` of the last response, in seconds from that response. */
  readonly retryAfterSeconds?: number | undefined;
  readonly cause?: unknown;
}

/**
 * A registration was sent and failed: the failure was final, or the last attempt failed too. If `retryable` is true, the
 * AuthAPI was unavailable and the same call may succeed later.
 */
export class RegistrationError
  extends AgentIdentityError<RegistrationErrorCode>
  implements RegistrationErrorDetails
{
  override readonly name: string = 'RegistrationError';
  readonly operation: RegistrationOperation;
  readonly attempts: number;
  readonly status: number | undefined;
  readonly bodyExcerpt: string | undefined;
  readonly serverError: ServerError | undefined;
  readonly clockOffsetSeconds: number | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: RegistrationErrorCode, message: string, details: RegistrationErrorDetails) {
    super(code, message, { retryable: details.retryable, cause: details.cause });
    this.operation = details.operation;
    this.attempts = details.attempts;
    this.status = details.status;
    this.bodyExcerpt = details.bodyExcerpt;
    this.serverError = details.serverError;
    this.clockOffsetSeconds = details.clockOffsetSeconds;
    this.retryAfterSeconds = details.retryAfterSeconds;
    Object.defineProperty(this, brand, { value: true });
  }

  /** The server's code if it is one of docs/protocol-instances.md section 6, such as `runtime_actor_invalid`. */
  get runtimeErrorCode(): RuntimeErrorCode | undefined {
    return runtimeErrorCodeSchema.safeParse(this.serverError?.code).data;
  }
}

/**
 * Checks whether a value is a `RegistrationError`, also one from another copy of this package.
 *
 * @example
 * ```ts
 * import { type AgentIdentity, isRegistrationError, registerRunTask } from 'agent-identity-registry';
 *
 * async function registerOnce(identity: AgentIdentity, authapiBaseUrl: string) {
 *   try {
 *     return await registerRunTask(identity, { authapiBaseUrl });
 *   } catch (error) {
 *     if (isRegistrationError(error) && error.retryable) return undefined; // try again later
 *     throw error;
 *   }
 * }
 * ```
 */
export function isRegistrationError(error: unknown): error is RegistrationError {
  return typeof error === 'object' && error !== null && Reflect.get(error, brand) === true;
}
